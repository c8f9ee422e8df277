import HTTPTypes

extension MetricsRoute {
    static let operations = [
        APIOperation(
            method: .get, path: "/metrics", id: "metrics",
            summary: "Counts and durations for Prometheus.",
            description: "Every metric in Prometheus's text format. The configuration can put it on a port of its own.",
            group: .health, parameters: [.requestID],
            replies: [
                .init(
                    description: "The metrics.", mediaType: "text/plain",
                    example: "# TYPE gateway_requests_in_flight gauge\ngateway_requests_in_flight 1\n")
            ])
    ]
}
