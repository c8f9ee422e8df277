/// Everything an operator can set, with the defaults.
///
/// The command line goes over the environment, and the environment over the file. A key `limits.max_tokens` of the
/// file is `LIMITS_MAX_TOKENS` in the environment. `settings` says which key sets what.
struct GatewayConfiguration: Sendable, Equatable {
    var host = "127.0.0.1"
    var port = 8080
    /// Where callers reach the gateway, for the OpenAPI document; without a slash at the end. Empty where it is not known.
    var publicURL = ""
    var tritonURL = "http://127.0.0.1:8000"
    /// PEM file with the authorities to trust for `https` and `grpcs`; empty takes the system's.
    var tritonCAFile = ""
    /// Who runs the gateway, and how to reach them: told at `/privacy`.
    var operatorName = ""
    var operatorContact = ""
    /// The file that `gateway keys` writes; empty asks nobody for a key, which is possible on loopback only.
    var keysFile = ""
    /// Whether `/metrics` needs no key.
    var isMetricsOpen = false
    /// PEM files with the certificate chain and its key; empty speaks plain HTTP.
    var tlsCertificate = ""
    var tlsKey = ""
    /// Origins whose pages may call the gateway from a browser, separated by commas.
    var corsOrigins = ""
    var limits = Limits()
    var metrics = Metrics()
    /// Replaces the built-in calibration, for models trained elsewhere; empty takes the built-in one.
    var scoringFile = ""
    /// Says which scoring sets answer, and which is shadowed; empty for one set with every text.
    var rolloutFile = ""
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
        /// Texts of one batch.
        var maxBatchTexts = 64
        /// Bytes of a batch's body.
        var maxBatchBytes = 4 << 20
        /// Texts of all batches analysed at once while nobody waits for a single one; one at a time otherwise.
        var maxBatchInFlight = 4
        /// Batches at once; more get 429.
        var maxBatches = 4
        /// From a batch's head to its answer. What is not analysed by then is an error in its place.
        var batchDeadline = Duration.seconds(40)
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

    struct Metrics: Sendable, Equatable {
        var isEnabled = true
        /// Where `/metrics` listens if `port` is set.
        var host = "127.0.0.1"
        /// 0 puts `/metrics` on the gateway's own port.
        var port = 0
    }

    /// A setting that cannot be used; `description` names the key and says what would do.
    struct Invalid: Error, CustomStringConvertible, Equatable {
        var key: String
        var problem: String
        var description: String { "configuration: \(key): \(problem)" }
    }
}

extension GatewayConfiguration {
    /// For commands whose output is what they print: only what is wrong is logged.
    static var quiet: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.logLevel = "warning"
        return configuration
    }
}
