import Foundation

extension Setting {
    /// An address for callers: `http` or `https`, kept without the slash at its end.
    static func publicURL(_ key: String, _ path: Path<String>, _ meaning: String) -> Setting {
        Setting(
            key: key, unit: "", meaning: meaning,
            read: { (text: String, configuration: inout GatewayConfiguration) throws(Invalid) in
                configuration[keyPath: path] = try address(text, key)
            },
            show: { $0[keyPath: path] })
    }

    private static func address(_ text: String, _ key: String) throws(Invalid) -> String {
        guard !text.isEmpty else { return "" }
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil, parts.user == nil
        else {
            throw Invalid(
                key: key,
                problem: "must be a URL such as https://essays.example.org, without a query and without a user")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
