extension APIOperation {
    /// Every route of the gateway. A test compares them with those that the router has.
    static let all: [APIOperation] = [
        AnalyzeRoutes.operations, BatchRoutes.operations, StatusRoutes.operations, ExplainRoutes.operations,
        MetricsRoute.operations,
        MCPRoutes.operations,
        DocumentationRoutes.operations, PrivacyRoutes.operations, WebRoutes.operations,
    ].flatMap { $0 }

    /// Those that a GPT's action needs, without what it cannot send.
    static let ofAction = all.filter(\.isAction).map { operation in
        var operation = operation
        operation.parameters.removeAll { $0.place == .header }
        return operation
    }
}
