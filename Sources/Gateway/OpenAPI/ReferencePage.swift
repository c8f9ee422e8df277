/// The reference for people: the OpenAPI document as one page of HTML, which needs no script.
struct ReferencePage {
    private let document: OrderedJSON

    /// - Parameter document: an OpenAPI document as `APIDocument` makes it.
    init(_ document: OrderedJSON) {
        self.document = document
    }

    var html: String {
        let info = document["info"]
        let title = Self.escaped(info?["title"]?.text)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title): reference</title>
            <link rel="stylesheet" href="docs.css">
            </head>
            <body>
            <header>
            <h1>\(title)</h1>
            <p class="lead">\(Self.inline(info?["summary"]?.text))</p>
            \(Self.paragraphs(info?["description"]?.text))
            \(authentication)
            <p>For programs: <a href="openapi.json">openapi.json</a>, <a href="openapi.yaml">openapi.yaml</a>, and for a GPT's
            action <a href="openapi-action.json">openapi-action.json</a>.</p>
            </header>
            \(contents)
            <main>
            \(groups)
            \(errors)
            </main>
            </body>
            </html>

            """
    }

    // MARK: - Parts

    private var operations: [(path: String, method: String, value: OrderedJSON)] {
        (document["paths"]?.members ?? []).flatMap { path in
            path.value.members.map { (path.name, $0.name.uppercased(), $0.value) }
        }
    }

    private var tags: [OrderedJSON] { document["tags"]?.items ?? [] }

    private func operations(of tag: OrderedJSON) -> [(path: String, method: String, value: OrderedJSON)] {
        operations.filter { $0.value["tags"]?.items.first == tag["name"] }
    }

    private var authentication: String {
        guard operations.contains(where: { $0.value["security"]?.items.isEmpty == false }) else {
            return "<p>This gateway asks for no key.</p>"
        }
        return """
            <p>Send your key with every request that asks for one: <code>Authorization: Bearer</code> and the key.</p>
            """
    }

    private var contents: String {
        let lists = tags.map { tag in
            let lines = operations(of: tag).map { operation in
                let id = Self.escaped(operation.value["operationId"]?.text)
                return "<li><a href=\"#\(id)\">\(Self.signature(operation.method, operation.path))</a></li>"
            }
            return "<li>\(Self.escaped(tag["name"]?.text))\n<ul>\n\(lines.joined(separator: "\n"))\n</ul></li>"
        }
        return """
            <nav aria-label="Contents">
            <ul>
            \(lists.joined(separator: "\n"))
            <li><a href="#errors">Errors</a></li>
            </ul>
            </nav>
            """
    }

    private var groups: String {
        tags.map { tag in
            """
            <section>
            <h2>\(Self.escaped(tag["name"]?.text))</h2>
            <p>\(Self.inline(tag["description"]?.text))</p>
            \(operations(of: tag).map { section($0.method, $0.path, $0.value) }.joined(separator: "\n"))
            </section>
            """
        }.joined(separator: "\n")
    }

    private func section(_ method: String, _ path: String, _ operation: OrderedJSON) -> String {
        let parameters = operation["parameters"]?.items ?? []
        let responses = operation["responses"]?.members ?? []
        let failures = responses.filter { isFailure($0.value) }
        return """
            <article id="\(Self.escaped(operation["operationId"]?.text))">
            <h3>\(Self.signature(method, path))</h3>
            <p><strong>\(Self.inline(operation["summary"]?.text))</strong>
            \(operation["security"]?.items.isEmpty == false ? "<span class=\"type\">asks for a key</span>" : "")</p>
            \(Self.paragraphs(operation["description"]?.text))
            \(parameters.isEmpty ? "" : "<h4>Parameters</h4>\n" + Self.list(parameters.map(parameter)))
            \(operation["requestBody"].map { body("Request", $0) } ?? "")
            \(responses.filter { !isFailure($0.value) }.map { body("Reply \($0.name)", $0.value) }.joined(separator: "\n"))
            <h4>Errors</h4>
            \(Self.list(failures.map { "<b>\($0.name)</b> \(Self.inline($0.value["description"]?.text))" }))
            </article>
            """
    }

    private func isFailure(_ response: OrderedJSON) -> Bool {
        response["content"]?.members.first?.value["schema"] == ErrorReply.schema.json
    }

    private func parameter(_ parameter: OrderedJSON) -> String {
        let place = Self.escaped(parameter["in"]?.text)
        let need = parameter["required"] == true ? "required" : "optional"
        return """
            <code>\(Self.escaped(parameter["name"]?.text))</code> <span class="type">\(place), \(need)</span>
            \(Self.inline(parameter["description"]?.text))
            """
    }

    private func body(_ heading: String, _ value: OrderedJSON) -> String {
        guard let content = value["content"]?.members.first else {
            return "<h4>\(heading)</h4>\n<p>\(Self.inline(value["description"]?.text))</p>"
        }
        let fields = content.value["schema"].map { self.fields($0, path: "") } ?? []
        let example = content.value["example"]
        return """
            <h4>\(heading) <span class="type">\(Self.escaped(content.name))</span></h4>
            <p>\(Self.inline(value["description"]?.text))</p>
            \(fields.isEmpty ? "" : Self.list(fields))
            <details><summary>Example</summary>
            <pre tabindex="0">\(Self.escaped(example?.text ?? example?.json))</pre></details>
            """
    }

    private var errors: String {
        let error = document["components"]?["schemas"]?["Error"]
        return """
            <section id="errors">
            <h2>Errors</h2>
            <p>\(Self.inline(error?["description"]?.text))</p>
            \(error.map { Self.list(fields($0, path: "")) } ?? "")
            </section>
            """
    }

    // MARK: - Schemas

    private func resolved(_ schema: OrderedJSON) -> OrderedJSON {
        guard let name = schema["$ref"]?.text?.split(separator: "/").last else { return schema }
        return document["components"]?["schemas"]?[String(name)] ?? schema
    }

    /// A line for every field, `path` before its name: `models[].name`.
    private func fields(_ schema: OrderedJSON, path: String) -> [String] {
        let schema = resolved(schema)
        if let items = schema["items"] { return fields(items, path: path + "[]") }
        if let forms = schema["oneOf"]?.items { return forms.flatMap { fields($0, path: path) } }
        let required = schema["required"]?.items ?? []
        return (schema["properties"]?.members ?? []).flatMap { member in
            let name = path.isEmpty ? member.name : "\(path).\(member.name)"
            let field = resolved(member.value)
            let need = required.contains(.string(member.name)) ? "" : ", may be absent"
            let line = """
                <code>\(Self.escaped(name))</code> <span class="type">\(Self.escaped(kind(field)))\(need)</span>
                \(Self.inline(field["description"]?.text))
                """
            return [line] + fields(field, path: name)
        }
    }

    private func kind(_ schema: OrderedJSON) -> String {
        let type = schema["type"]?.text ?? "value"
        if let items = schema["items"] { return "list of \(kind(resolved(items)))s" }
        if let value = schema["additionalProperties"], value["type"] != nil { return "map of \(kind(value))s" }
        if let values = schema["enum"]?.items, values.count <= 6 {
            return values.compactMap(\.text).joined(separator: " | ")
        }
        guard let least = schema["minimum"], let most = schema["maximum"] else { return type }
        return "\(type), \(least.json) to \(most.json)"
    }

    // MARK: - Text

    private static func signature(_ method: String, _ path: String) -> String {
        "<span class=\"method\">\(escaped(method))</span> <code>\(escaped(path))</code>"
    }

    private static func list(_ items: [String]) -> String {
        "<ul class=\"fields\">\n" + items.map { "<li>\($0)</li>" }.joined(separator: "\n") + "\n</ul>"
    }

    private static func paragraphs(_ text: String?) -> String {
        (text ?? "").split(separator: "\n\n").map { "<p>\(inline(String($0)))</p>" }.joined(separator: "\n")
    }

    /// With what stands between backticks as code.
    private static func inline(_ text: String?) -> String {
        escaped(text).split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset.isMultiple(of: 2) ? String($0.element) : "<code>\($0.element)</code>" }.joined()
    }

    private static func escaped(_ text: String?) -> String {
        HTMLText.escaped(text ?? "")
    }
}
