import HTTPTypes

extension PrivacyRoutes {
    static let operations = [
        APIOperation(
            method: .get, path: "/privacy", id: "privacyPolicy",
            summary: "What is processed, logged and kept.",
            description: "A page, or plain text for whoever accepts text/plain and not text/html.",
            group: .pages, parameters: [.requestID],
            replies: [
                .init(
                    description: "The policy.",
                    content: [
                        ("text/html", .string("The page.", example: "<!DOCTYPE html>")),
                        ("text/plain", .string("The text.", example: "Privacy policy")),
                    ])
            ])
    ]
}
