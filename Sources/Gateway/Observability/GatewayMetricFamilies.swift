/// Every metric that the gateway gives out; docs/operations.md has the same list as a table.
extension MetricFamily {
    static let gateway: [MetricFamily] =
        http + admission + connections + stages + models + answers + features + state + process

    // MARK: Requests

    static let httpRequests = MetricFamily(
        "gateway_http_requests_total", .counter,
        "Requests answered, by route, status and error code (ok where there is none).",
        labels: ["route", "status", "code"])
    static let httpDuration = MetricFamily(
        "gateway_http_request_duration_seconds", .histogram([0.005, 0.01, 0.025] + seconds),
        "Time from a request's head to its answer, by route.", labels: ["route"])
    private static let http = [httpRequests, httpDuration]

    static let analysesInFlight = MetricFamily(
        "gateway_analyses_in_flight", .gauge, "Essays that are being analysed.")
    static let analysesLimit = MetricFamily(
        "gateway_analyses_limit", .gauge, "Essays that may be analysed at once (limits.max_in_flight).")
    static let admissionRefusals = MetricFamily(
        "gateway_admission_refusals_total", .counter, "Essays refused because too many were being analysed.")
    private static let admission = [analysesInFlight, analysesLimit, admissionRefusals]

    static let connectionsOpen = MetricFamily("gateway_connections", .gauge, "Connections of clients that are open.")
    static let connectionsLimit = MetricFamily(
        "gateway_connections_limit", .gauge, "Connections that may be open at once (limits.max_connections).")
    static let connectionsOpened = MetricFamily(
        "gateway_connections_opened_total", .counter, "Connections that clients have opened.")
    static let slowBodies = MetricFamily(
        "gateway_slow_bodies_total", .counter, "Requests given up because their body did not arrive in time.")
    private static let connections = [connectionsOpen, connectionsLimit, connectionsOpened, slowBodies]

    // MARK: The way of one essay

    static let stageDuration = MetricFamily(
        "gateway_stage_duration_seconds",
        .histogram([0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025] + seconds),
        "Time that one stage of an analysis took; first_wave and second_wave wait for Triton.", labels: ["stage"])
    private static let stages = [stageDuration]

    static let modelCalls = MetricFamily(
        "gateway_model_calls_total", .counter,
        "Calls to Triton, by model, by the version that answered (unknown where none did) and by outcome.",
        labels: ["model", "version", "outcome"])
    static let modelDuration = MetricFamily(
        "gateway_model_call_duration_seconds", .histogram([0.001, 0.0025, 0.005, 0.01, 0.025] + seconds),
        "Time that a call to Triton took that succeeded, by model and by the version that answered.",
        labels: ["model", "version"])
    static let modelReady = MetricFamily(
        "gateway_model_ready", .gauge, "1 where the last check found the model ready and fit for this gateway, else 0.",
        labels: ["model"])
    private static let models = [modelCalls, modelDuration, modelReady]

    // MARK: What came of it

    static let verdicts = MetricFamily(
        "gateway_verdicts_total", .counter, "Essays analysed, by verdict.", labels: ["verdict"])
    static let abstentions = MetricFamily(
        "gateway_abstentions_total", .counter, "Reasons for the verdict uncertain; an essay may have several.",
        labels: ["reason"])
    static let degradedAnswers = MetricFamily(
        "gateway_degraded_answers_total", .counter, "Essays analysed while some model was missing.")
    static let missingModels = MetricFamily(
        "gateway_missing_models_total", .counter, "Essays analysed without this model.", labels: ["model"])
    static let words = MetricFamily("gateway_words_total", .counter, "Words of the essays analysed.")
    static let tokens = MetricFamily("gateway_tokens_total", .counter, "WordPiece tokens of the essays analysed.")
    static let probability = MetricFamily(
        "gateway_probability_ai", .histogram([0.01] + (1...19).map { Double($0) / 20 } + [0.99, 1]),
        "The calibrated probability that the answers gave.")
    private static let answers = [
        verdicts, abstentions, degradedAnswers, missingModels, words, tokens, probability, setAnswers, shadows,
        shadowDifference,
    ]

    static let setAnswers = MetricFamily(
        "gateway_scoring_set_answers_total", .counter,
        "Essays analysed, by the scoring set that answered, its scoring file's version and the verdict.",
        labels: ["set", "scoring_version", "verdict"])
    static let shadows = MetricFamily(
        "gateway_shadow_analyses_total", .counter,
        "Analyses by a shadowed set: agree or differ in the verdict, failed, or skipped for want of room.",
        labels: ["set", "outcome"])
    static let shadowDifference = MetricFamily(
        "gateway_shadow_probability_difference", .histogram([0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]),
        "Distance between a shadowed set's probability and the one that was answered.", labels: ["set"])

    /// Of the features, few: they are for seeing that essays have become others than those the models were fitted on.
    static let featureHistograms: [(feature: String, family: MetricFamily)] = [
        (
            "average_sentence_length",
            MetricFamily(
                "gateway_feature_average_sentence_length", .histogram([5, 10, 12.5, 15, 17.5, 20, 25, 30, 40, 60]),
                "Words a sentence, of each essay analysed.")
        ),
        (
            "flesch_reading_ease",
            MetricFamily(
                "gateway_feature_flesch_reading_ease", .histogram([0, 20, 30, 40, 50, 60, 70, 80, 90, 100]),
                "Flesch's reading ease, of each essay analysed.")
        ),
        (
            "word_entropy",
            MetricFamily(
                "gateway_feature_word_entropy", .histogram([4, 5, 5.5, 6, 6.25, 6.5, 6.75, 7, 7.5, 8]),
                "Entropy of the words in bits, of each essay analysed.")
        ),
        (
            "type_token_ratio",
            MetricFamily(
                "gateway_feature_type_token_ratio", .histogram([0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8]),
                "Different words over words, of each essay analysed.")
        ),
    ]
    static let essayWords = MetricFamily(
        "gateway_feature_words", .histogram([50, 100, 150, 200, 300, 400, 500, 750, 1_000, 2_000, 5_000]),
        "Words of each essay analysed.")
    private static let features = [essayWords] + featureHistograms.map(\.family)

    // MARK: The process

    static let ready = MetricFamily(
        "gateway_ready", .gauge, "1 where /health/ready says ready or degraded, else 0.")
    static let information = MetricFamily(
        "gateway_build_info", .gauge,
        "1 for the fit and the feature schema that its labels name while they are in force, 0 afterwards.",
        labels: ["scoring_version", "feature_schema_hash"])
    private static let state = [ready, information]

    static let processCPU = MetricFamily(
        "process_cpu_seconds_total", .counter, "User and system time that the process has used.")
    static let processMemory = MetricFamily(
        "process_resident_memory_bytes", .gauge, "Memory of the process that is in RAM.")
    static let processDescriptors = MetricFamily("process_open_fds", .gauge, "File descriptors that are open.")
    static let processDescriptorLimit = MetricFamily(
        "process_max_fds", .gauge, "File descriptors that may be open at once.")
    static let processStart = MetricFamily(
        "process_start_time_seconds", .gauge, "When the process started, in seconds since 1970.")
    private static let process = [
        processCPU, processMemory, processDescriptors, processDescriptorLimit, processStart,
    ]

    /// The upper part of every histogram of durations; nothing takes longer than the deadline.
    private static let seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
}
