import Configuration

/// Everything an operator can set, with the defaults.
///
/// The command line goes over the environment, and the environment over the file. A key `limits.max_tokens` of the
/// file is `LIMITS_MAX_TOKENS` in the environment.
struct GatewayConfiguration: Sendable, Equatable {
    var host = "127.0.0.1"
    var port = 8080
    var tritonURL = "http://127.0.0.1:8000"
    /// PEM file with the authorities to trust for `https` and `grpcs`; empty takes the system's.
    var tritonCAFile = ""
    var limits = Limits()
    /// Replaces the built-in calibration, for models trained elsewhere; empty takes the built-in one.
    var scoringFile = ""
    var logLevel = "info"
    var logFormat = LogFormat.text
    /// Time between two checks of the models.
    var pollInterval = Duration.seconds(2)

    enum LogFormat: String, Sendable, CaseIterable {
        case text, json
    }

    struct Limits: Sendable, Equatable {
        /// Bytes of a request body.
        var maxBodyBytes = 1 << 20
        /// WordPiece tokens of an essay. ChatGPT sends at most 100,000 characters, about 25,000 tokens.
        var maxTokens = 32_768
        var maxSentences = 4_096
        /// Requests analysed at once; more get 429.
        var maxInFlight = 32
        var maxConnections = 1_024
        /// From the request's head to its answer.
        var deadline = Duration.seconds(30)
        /// From the connection's start to the end of the first request's head.
        var headTimeout = Duration.seconds(10)
        /// From the head to the body's last byte, however busily it drips.
        var bodyTimeout = Duration.seconds(15)
        /// Silence after which a kept-alive connection is closed.
        var idleTimeout = Duration.seconds(60)
        /// After SIGTERM, how long the server goes on listening, not ready, for load balancers to notice.
        var drainDelay = Duration.zero
        /// After that, how long requests in flight may take.
        var drainTimeout = Duration.seconds(25)
    }

    /// A setting that cannot be used; `description` names the key and says what would do.
    struct Invalid: Error, CustomStringConvertible, Equatable {
        var key: String
        var problem: String
        var description: String { "configuration: \(key): \(problem)" }
    }

    /// Every key that may appear, for refusing the ones that are mistyped.
    static let keys: Set<String> = [
        "gateway.host", "gateway.port", "triton.url", "triton.ca_file", "scoring.file", "log.level", "log.format",
        "health.poll_interval_ms", "limits.max_body_bytes", "limits.max_tokens", "limits.max_sentences",
        "limits.max_in_flight", "limits.max_connections", "limits.deadline_ms", "limits.head_timeout_ms",
        "limits.body_timeout_ms", "limits.idle_timeout_ms", "limits.drain_timeout_ms", "limits.drain_delay_ms",
    ]
}

extension GatewayConfiguration {
    /// For commands whose output is what they print: only what is wrong is logged.
    static var quiet: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.logLevel = "warning"
        return configuration
    }

    /// Reads and checks every setting.
    init(reading config: ConfigReader, defaults: GatewayConfiguration = .init()) throws(Invalid) {
        self = defaults
        host = Self.text(config, "gateway.host", default: host)
        port = try Self.number(config, "gateway.port", default: port, in: 0...65_535)
        tritonURL = Self.text(config, "triton.url", default: tritonURL)
        tritonCAFile = Self.text(config, "triton.ca_file", default: tritonCAFile)
        scoringFile = Self.text(config, "scoring.file", default: scoringFile)
        logLevel = Self.text(config, "log.level", default: logLevel)
        let format = Self.text(config, "log.format", default: logFormat.rawValue)
        guard let logFormat = LogFormat(rawValue: format) else {
            throw Invalid(key: "log.format", problem: "must be text or json")
        }
        self.logFormat = logFormat
        pollInterval = try Self.milliseconds(config, "health.poll_interval_ms", default: pollInterval)
        limits.maxBodyBytes = try Self.number(
            config, "limits.max_body_bytes", default: limits.maxBodyBytes, in: 1...(64 << 20))
        limits.maxTokens = try Self.number(config, "limits.max_tokens", default: limits.maxTokens, in: 64...1_000_000)
        limits.maxSentences = try Self.number(
            config, "limits.max_sentences", default: limits.maxSentences, in: 1...1_000_000)
        limits.maxInFlight = try Self.number(
            config, "limits.max_in_flight", default: limits.maxInFlight, in: 1...10_000)
        limits.maxConnections = try Self.number(
            config, "limits.max_connections", default: limits.maxConnections, in: 1...1_000_000)
        limits.deadline = try Self.milliseconds(config, "limits.deadline_ms", default: limits.deadline)
        limits.headTimeout = try Self.milliseconds(config, "limits.head_timeout_ms", default: limits.headTimeout)
        limits.bodyTimeout = try Self.milliseconds(config, "limits.body_timeout_ms", default: limits.bodyTimeout)
        limits.idleTimeout = try Self.milliseconds(config, "limits.idle_timeout_ms", default: limits.idleTimeout)
        limits.drainDelay = try Self.milliseconds(config, "limits.drain_delay_ms", default: limits.drainDelay, from: 0)
        limits.drainTimeout = try Self.milliseconds(config, "limits.drain_timeout_ms", default: limits.drainTimeout)
    }

    private static func text(_ config: ConfigReader, _ key: String, default value: String) -> String {
        config.string(forKey: ConfigKey(key), default: value)
    }

    /// Read as text, so that `GATEWAY_PORT=eighty` is an error and not the default.
    private static func number(
        _ config: ConfigReader, _ key: String, default value: Int, in range: ClosedRange<Int>
    ) throws(Invalid) -> Int {
        guard let text = config.string(forKey: ConfigKey(key)) else { return value }
        guard let number = Int(text) else { throw Invalid(key: key, problem: "must be a whole number") }
        guard range.contains(number) else {
            throw Invalid(key: key, problem: "must be between \(range.lowerBound) and \(range.upperBound)")
        }
        return number
    }

    private static func milliseconds(
        _ config: ConfigReader, _ key: String, default value: Duration, from least: Int = 1
    ) throws(Invalid) -> Duration {
        let milliseconds = value / .milliseconds(1)
        return .milliseconds(try number(config, key, default: Int(milliseconds), in: least...3_600_000))
    }
}
