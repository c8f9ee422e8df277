extension ExplanationReply {
    static let schema = Schema.object(
        "Why, in terms of the features.",
        [
            .required(
                "summary",
                .string(
                    "The verdict in a sentence.",
                    example: """
                        The text reads like the human essays that the models know. This is a probability, not proof.
                        """)),
            .optional("intercept", .number("Of the explainable model (`ebm`), in logits.", example: 0.09264)),
            .optional("logit", .number("Of the `ebm`: the intercept and all of its terms.", example: -2.4881)),
            .required("terms", .array(of: Term.schema, "The strongest terms; empty where the `ebm` was away.")),
        ])
}

extension ExplanationReply.Term {
    static let schema = Schema.object(
        "What a feature, or two together, spoke for.",
        [
            .required("name", .string("The feature, or two joined by ` & `.", example: "first_person_singular_rate")),
            .required("contribution", .number("In logits; above zero speaks for a language model.", example: 0.8146)),
            .required(
                "sentence",
                .string(
                    "The same in words that can be repeated.",
                    example: """
                        'I', 'me' and 'my' are more frequent than in 97% of the human essays; this speaks for a language \
                        model.
                        """)),
            .required("features", .array(of: ExplanationReply.Feature.schema, "The features of the term.")),
        ])
}

extension ExplanationReply.Feature {
    static let schema = Schema.object(
        "A feature's value beside what is usual.",
        [
            .required("name", .string("The feature.", example: "first_person_singular_rate")),
            .required("value", .number("In this text.", example: 10.945)),
            .required("human_median", .number("Half of the essays by people lie below.", example: 0.6667)),
            .required("ai_median", .number("Half of the essays by language models lie below.", example: 0)),
            .required(
                "human_percentile",
                .number("Percent of the essays by people that lie below the value.", example: 97.03, in: 0...100)),
            .required(
                "ai_percentile",
                .number("Percent of the essays by language models that lie below it.", example: 98.02, in: 0...100)),
        ])
}
