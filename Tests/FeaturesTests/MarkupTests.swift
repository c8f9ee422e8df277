import Testing

@testable import Features

@Suite("Markdown and HTML become plain text")
struct MarkupTests {
    @Test(
        "Marks go and their text stays",
        arguments: [
            ("# Title\nText", "Title\n\nText"),
            ("## Title ##\nText", "Title\n\nText"),
            ("Title\n=====\nText", "Title\n\nText"),
            ("above\n\n---\n\nbelow", "above\n\nbelow"),
            ("above\n* * *\nbelow", "above\n\nbelow"),
            ("*one* **two** ***three*** _four_ __five__ ~~six~~", "one two three four five six"),
            ("(*inside*), \"_quoted_\".", "(inside), \"quoted\"."),
            ("**bold _and italic_ text**", "bold and italic text"),
            ("**One****Two** end", "OneTwo end"),
            ("**Abstract:**This paper", "Abstract: This paper"),
            ("the end**Body**The text", "the end Body The text"),
            ("** Title: ** The text", "Title: The text"),
            ("use `print(x)` here", "use print(x) here"),
            ("use ``a ` b`` here", "use a ` b here"),
            ("before\n```swift\nlet a = *b*\n```\nafter", "before\n\nlet a = *b*\n\nafter"),
            ("~~~\ncode\n~~~", "code"),
            ("see [the page](https://example.com/a_(b) \"title\") now", "see the page now"),
            ("an ![old house](house.png) here", "an old house here"),
            ("[a *b* c](x.html)", "a b c"),
            ("- one\n- two\n+ three", "one\n\ntwo\n\nthree"),
            ("* one\n  * two", "one\n\ntwo"),
            ("1. one\n2) two", "one\n\ntwo"),
            ("- [ ] open\n- [x] done", "open\n\ndone"),
            ("• one\n• two", "one\n\ntwo"),
            ("> quoted\n> again\n\nmine", "quoted\nagain\n\nmine"),
            ("> > - deep", "deep"),
            ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a b\n\n1 2"),
            ("not \\*so\\* and \\_that\\_", "not *so* and _that_"),
            ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo\nlines"),
            ("a <b>bold</b> <a href=\"x>y\">link</a>", "a bold link"),
            ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>", "one\n\ntwo"),
            ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
            ("a<!-- hidden\n\n text -->b", "ab"),
            ("a<script>if (a < b) { }</script>b<style>p { }</style>c", "a b c"),
            ("<!DOCTYPE html>\n<html><body>text</body></html>", "text"),
            ("see <https://example.com> or <me@example.com>", "see https://example.com or me@example.com"),
            ("fish &amp; chips &lt;b&gt; &#8364;5 &#x201C;q&#x201d; caf&eacute;", "fish & chips <b> €5 “q” café"),
            ("a&nbsp;b&shy;c&#8203;d", "a bcd"),
            ("it&#146;s", "it’s"),
        ])
    func converts(markup: String, plain: String) {
        #expect(TextCleaner.clean(markup).text == plain)
    }

    @Test(
        "What only looks like markup is left alone",
        arguments: [
            "if a < b and c > d then", "2 * 3 * 4 = 24", "2*3*4 and 5*6", "2 ** 3 and 4 ** 5",
            "the snake_case_name here",
            "f**k this and s**t too", "a footnote* and another*", "the [Your Name] field", "f(x)[i](y)",
            "the average <M> = 0.43 and the <vector> header", "AT&T and R&D; or &unknown; &;", "It`s true, don`t worry",
            "``so-called'' quotes and ``others''", "#hashtag and C# code", "1999. A year", "-5 degrees", "a | b",
            "5 > 3", "x = [1, 2](3)", "~ 5 km", "a ~ b", "Price: 5.5*", "&#xD800; &#99999999; &#x;", "<", "<>", "</>",
        ])
    func leavesProse(text: String) {
        let clean = TextCleaner.clean(text)
        #expect(clean.text == text)
        #expect(clean.hygiene.counts.allSatisfy { $0.count == 0 })
    }

    @Test("An unclosed fence or comment or script takes nothing away but its mark")
    func unclosed() {
        #expect(TextCleaner.clean("a\n```\nb *c*").text == "a\n\nb *c*")
        #expect(TextCleaner.clean("a <!-- b").text == "a <!-- b")
        #expect(TextCleaner.clean("a <script> b").text == "a b")
    }

    @Test("Emphasis does not reach over a paragraph's or an item's end")
    func paragraphs() {
        #expect(TextCleaner.clean("*one\n\ntwo*").text == "*one\n\ntwo*")
        #expect(TextCleaner.clean("- *one\n- two*").text == "*one\n\ntwo*")
        #expect(TextCleaner.clean("*one\ntwo*").text == "one\ntwo")
    }

    @Test("Findings are counted by kind")
    func counts() {
        let hygiene = TextCleaner.clean("# A\n*b* [c](d.e) <i>f</i> &amp; `g`").hygiene
        #expect(hygiene[.markdownMarks] == 7)
        #expect(hygiene[.htmlTags] == 2)
        #expect(hygiene[.htmlEntities] == 1)
    }
}
