/// One thing that an operator can set: its key, how its text becomes a part of the configuration, and what it means.
///
/// `GatewayConfiguration.settings` lists them all. Reading, the refusal of unknown keys and the table of
/// docs/operations.md come from that list, so a setting cannot be there without a description.
struct Setting: Sendable {
    typealias Invalid = GatewayConfiguration.Invalid

    /// `limits.max_tokens`, in a file; `LIMITS_MAX_TOKENS` in the environment.
    let key: String
    /// Of the value, "ms" for example; empty for text.
    let unit: String
    /// One line of Markdown without a full stop.
    let meaning: String
    /// Puts the value that the text stands for into a configuration.
    let read: @Sendable (String, inout GatewayConfiguration) throws(Invalid) -> Void
    /// The configuration's present value, as an operator would write it.
    let show: @Sendable (GatewayConfiguration) -> String

    typealias Path<Value> = any WritableKeyPath<GatewayConfiguration, Value> & Sendable

    static func text(_ key: String, _ path: Path<String>, _ meaning: String) -> Setting {
        Setting(
            key: key, unit: "", meaning: meaning,
            read: { (text: String, configuration: inout GatewayConfiguration) throws(Invalid) in
                configuration[keyPath: path] = text
            },
            show: { $0[keyPath: path] })
    }

    static func number(
        _ key: String, _ path: Path<Int>, in range: ClosedRange<Int>, unit: String = "", _ meaning: String
    ) -> Setting {
        Setting(
            key: key, unit: unit, meaning: meaning,
            read: { (text: String, configuration: inout GatewayConfiguration) throws(Invalid) in
                configuration[keyPath: path] = try whole(text, key, in: range)
            },
            show: { "\($0[keyPath: path])" })
    }

    static func milliseconds(
        _ key: String, _ path: Path<Duration>, from least: Int = 1, _ meaning: String
    ) -> Setting {
        Setting(
            key: key, unit: "ms", meaning: meaning,
            read: { (text: String, configuration: inout GatewayConfiguration) throws(Invalid) in
                configuration[keyPath: path] = .milliseconds(try whole(text, key, in: least...3_600_000))
            },
            show: { "\(Int($0[keyPath: path] / .milliseconds(1)))" })
    }

    static func flag(_ key: String, _ path: Path<Bool>, _ meaning: String) -> Setting {
        Setting(
            key: key, unit: "", meaning: meaning,
            read: { (text: String, configuration: inout GatewayConfiguration) throws(Invalid) in
                guard let value = Bool(text) else { throw Invalid(key: key, problem: "must be true or false") }
                configuration[keyPath: path] = value
            },
            show: { "\($0[keyPath: path])" })
    }

    static func choice<Value>(_ key: String, _ path: Path<Value>, _ meaning: String) -> Setting
    where Value: CaseIterable & RawRepresentable & Sendable, Value.RawValue == String {
        Setting(
            key: key, unit: "", meaning: meaning,
            read: { (text: String, configuration: inout GatewayConfiguration) throws(Invalid) in
                guard let value = Value(rawValue: text) else {
                    let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Invalid(key: key, problem: "must be one of \(known)")
                }
                configuration[keyPath: path] = value
            },
            show: { $0[keyPath: path].rawValue })
    }

    private static func whole(_ text: String, _ key: String, in range: ClosedRange<Int>) throws(Invalid) -> Int {
        guard let number = Int(text) else { throw Invalid(key: key, problem: "must be a whole number") }
        guard range.contains(number) else {
            throw Invalid(key: key, problem: "must be between \(range.lowerBound) and \(range.upperBound)")
        }
        return number
    }
}
