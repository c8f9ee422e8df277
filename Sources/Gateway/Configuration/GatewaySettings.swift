import Configuration

extension GatewayConfiguration {
    /// Every setting, in the order of the table in docs/operations.md (`make settings-docs` writes it).
    static let settings: [Setting] = [
        .text("gateway.host", \.host, "address to listen on (`--host`)"),
        .number("gateway.port", \.port, in: 0...65_535, "port (`--port`); 0 takes a free one"),
        .publicURL(
            "gateway.public_url", \.publicURL,
            "where callers reach the gateway (`https://essays.example.org`), for the OpenAPI documents"),
        .text("triton.url", \.tritonURL, "`http`, `https`, `grpc` or `grpcs` (`--triton`)"),
        .text(
            "triton.ca_file", \.tritonCAFile,
            "PEM file of authorities for `https` and `grpcs`; the system's otherwise"),
        .text(
            "auth.keys_file", \.keysFile,
            "keys made by `gateway keys`; without it nobody is asked for one, on loopback only ([security.md](security.md))"
        ),
        .flag("auth.open_metrics", \.isMetricsOpen, "whether `/metrics` needs no key"),
        .text("tls.certificate", \.tlsCertificate, "PEM file of the certificate chain; plain HTTP without it"),
        .text("tls.key", \.tlsKey, "PEM file of its key, without a passphrase"),
        .text("cors.origins", \.corsOrigins, "origins whose pages may call from a browser, separated by commas"),
        .text("scoring.file", \.scoringFile, "replaces the built-in weights and thresholds"),
        .text("rollout.file", \.rolloutFile, "which scoring sets answer; read again on SIGHUP"),
        .text("operator.name", \.operatorName, "who runs the gateway, told at `/privacy`"),
        .text("operator.contact", \.operatorContact, "how to reach them, told there too"),
        .text("log.level", \.logLevel, "trace, debug, info, notice, warning, error, critical"),
        .choice("log.format", \.logFormat, "`text`, or `json`: one object a line"),
        .milliseconds("health.poll_interval_ms", \.pollInterval, "between two checks of the models"),
        .number(
            "limits.max_body_bytes", \.limits.maxBodyBytes, in: 1...(64 << 20), unit: "bytes",
            "larger bodies get 413"),
        .number(
            "limits.max_tokens", \.limits.maxTokens, in: 64...1_000_000, unit: "tokens", "longer texts get 422"),
        .number(
            "limits.max_sentences", \.limits.maxSentences, in: 1...1_000_000, unit: "sentences", "likewise"),
        .number(
            "limits.max_in_flight", \.limits.maxInFlight, in: 1...10_000, unit: "requests",
            "analyses at once; more get 429"),
        .number(
            "limits.max_connections", \.limits.maxConnections, in: 1...1_000_000, unit: "connections",
            "further ones wait in the kernel's backlog"),
        .milliseconds("limits.deadline_ms", \.limits.deadline, "from a request's head to its answer; then 504"),
        .number(
            "limits.max_batch_texts", \.limits.maxBatchTexts, in: 1...1_024, unit: "texts",
            "of one batch; more get 422"),
        .number(
            "limits.max_batch_bytes", \.limits.maxBatchBytes, in: 1...(64 << 20), unit: "bytes",
            "larger bodies of batches get 413"),
        .number(
            "limits.max_batch_in_flight", \.limits.maxBatchInFlight, in: 1...1_000, unit: "texts",
            "of all batches, analysed at once while no single essay is in work; one otherwise"),
        .number("limits.max_batches", \.limits.maxBatches, in: 1...1_000, unit: "batches", "at once; more get 429"),
        .milliseconds(
            "limits.batch_deadline_ms", \.limits.batchDeadline,
            "from a batch's head to its answer; texts not analysed by then are errors in their places"),
        .milliseconds(
            "limits.head_timeout_ms", \.limits.headTimeout,
            "from the connection to the first request's head; then it is closed"),
        .milliseconds(
            "limits.body_timeout_ms", \.limits.bodyTimeout, "from the head to the body's last byte; then 408"),
        .milliseconds("limits.idle_timeout_ms", \.limits.idleTimeout, "silence on a kept-alive connection"),
        .milliseconds(
            "limits.drain_delay_ms", \.limits.drainDelay, from: 0,
            "after SIGTERM: still listening, not ready, refusing essays"),
        .milliseconds(
            "limits.drain_timeout_ms", \.limits.drainTimeout, "then: how long requests in flight may take"),
        .flag("metrics.enabled", \.metrics.isEnabled, "whether there is `/metrics`"),
        .number(
            "metrics.port", \.metrics.port, in: 0...65_535, "a port for `/metrics` alone; 0 puts it on the gateway's"),
        .text("metrics.host", \.metrics.host, "address for that port"),
    ]

    /// Every key that may appear, for refusing the ones that are mistyped.
    static let keys = Set(settings.map(\.key))

    /// Reads and checks every setting. All are read as text, so that `GATEWAY_PORT=eighty` is an error and not the default.
    init(reading config: ConfigReader, defaults: GatewayConfiguration = .init()) throws(Invalid) {
        self = defaults
        for setting in Self.settings {
            guard let text = config.string(forKey: ConfigKey(setting.key)) else { continue }
            try setting.read(text, &self)
        }
    }

    /// The settings as a Markdown table: key, default, unit, meaning.
    static var settingsTable: String {
        let defaults = GatewayConfiguration()
        let rows = settings.map { setting in
            let value = setting.show(defaults)
            return
                "| `\(setting.key)` | \(value.isEmpty ? "" : "`\(value)`") | \(setting.unit) | \(setting.meaning) |\n"
        }
        return "| key | default | unit | what |\n|---|---|---|---|\n" + rows.joined()
    }
}
