/// The style sheet of `ReferencePage`: a column that fits a phone, light or dark as the reader's system is.
enum ReferenceStyle {
    static let css = """
        :root {
          color-scheme: light dark;
          --ground: #fdfdfc; --text: #1f2328; --quiet: #57606a; --line: #d8dee4; --code: #f1f3f5; --accent: #0a5ea8;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #15181c; --text: #e6e9ec; --quiet: #a0a9b3; --line: #343b43; --code: #20262c; --accent: #7cb8f2;
          }
        }
        * { box-sizing: border-box; }
        body {
          max-width: 54rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; background: var(--ground); color: var(--text);
          font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere;
        }
        h1, h2, h3, h4 { line-height: 1.25; margin: 2rem 0 .5rem; }
        h1 { margin-top: 0; }
        h2 { border-top: 1px solid var(--line); padding-top: 1.5rem; }
        h4 { margin: 1.25rem 0 .25rem; }
        p { margin: .5rem 0; }
        a { color: var(--accent); }
        .lead { font-size: 1.15rem; }
        .type { color: var(--quiet); font-size: .875rem; font-weight: normal; }
        .method { color: var(--accent); font-size: .875rem; font-weight: 700; }
        nav ul { list-style: none; padding: 0; }
        nav > ul > li { padding: .4rem 0; }
        nav ul ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
        .fields { list-style: none; padding: 0; margin: .5rem 0; }
        .fields li { border-top: 1px solid var(--line); padding: .4rem 0; }
        code, pre { font-family: ui-monospace, monospace; font-size: .9rem; background: var(--code); border-radius: 4px; }
        code { padding: .1rem .3rem; }
        pre { padding: .75rem; overflow-x: auto; overflow-wrap: normal; }
        summary { cursor: pointer; color: var(--accent); }

        """
}
