import Features

/// How a feature is spoken of: clauses that "than in 91% of the human essays" completes.
struct FeaturePhrase: Sendable, Equatable {
    /// Of a text with a higher value than other essays, and with a lower one.
    var more: String
    var less: String

    /// - Parameter name: of the feature schema.
    init(of name: String) {
        if let clauses = Self.clauses[name] {
            (more, less) = clauses
            return
        }
        let words = name.split(separator: "_").joined(separator: " ")
        let subject = Self.partsOfSpeech[name] ?? "words about \(words)"
        (more, less) = ("\(subject) are more frequent", "\(subject) are rarer")
    }

    static let partsOfSpeech = [
        "upos_adj": "adjectives", "upos_adp": "prepositions", "upos_adv": "adverbs", "upos_aux": "auxiliary verbs",
        "upos_cconj": "words like 'and' and 'but'", "upos_det": "articles and other determiners",
        "upos_intj": "interjections", "upos_noun": "nouns", "upos_num": "numbers", "upos_part": "particles like 'to'",
        "upos_pron": "pronouns", "upos_propn": "names", "upos_punct": "punctuation marks",
        "upos_sconj": "words like 'because' and 'that'", "upos_sym": "symbols", "upos_verb": "full verbs",
        "upos_x": "words of no clear kind",
    ]

    static let clauses: [String: (more: String, less: String)] = [
        "flesch_kincaid_grade": harder("Flesch-Kincaid grade"),
        "flesch_reading_ease": (harder("Flesch reading ease").less, harder("Flesch reading ease").more),
        "gunning_fog": harder("Gunning fog"),
        "coleman_liau_index": harder("Coleman-Liau"),
        "smog_index": harder("SMOG"),
        "ari": harder("automated readability index"),
        "dale_chall": harder("Dale-Chall"),
        "linsear_write": harder("Linsear Write"),
        "lix": harder("LIX"),
        "textual_entropy": ("letters and signs are more varied", "letters and signs are less varied"),
        "word_entropy": ("words are more varied", "words are less varied"),
        "word_bigram_entropy": ("pairs of words are more varied", "pairs of words are less varied"),
        "compression_ratio": ("the text repeats itself less", "the text repeats itself more"),
        "type_token_ratio": ("fewer words are used again", "more words are used again"),
        "hapax_ratio": ("more words occur only once", "fewer words occur only once"),
        "mtld": ("the vocabulary is richer", "the vocabulary is poorer"),
        "repeated_bigram_share": repeated("pairs of words"),
        "repeated_trigram_share": repeated("sequences of three words"),
        "repeated_fourgram_share": repeated("sequences of four words"),
        "num_sentences": number("sentences"),
        "num_tokens": number("words and marks"),
        "num_unique_words": number("different words"),
        "average_token_length": length("words"),
        "average_sentence_length": length("sentences"),
        "sentence_length_variation": ("sentences vary more in length", "sentences vary less in length"),
        "sentence_burstiness": ("long and short sentences alternate more", "sentences are more alike in length"),
        "num_paragraphs": number("paragraphs"),
        "average_paragraph_length": length("paragraphs"),
        "paragraph_length_variation": ("paragraphs vary more in length", "paragraphs vary less in length"),
        "markdown_rate": frequency("marks of formatting"),
        "punctuation_rate": frequency("punctuation marks"),
        "comma_rate": frequency("commas"),
        "semicolon_rate": frequency("semicolons"),
        "colon_rate": frequency("colons"),
        "dash_rate": frequency("dashes"),
        "exclamation_rate": frequency("exclamation marks"),
        "question_rate": frequency("question marks"),
        "quote_rate": frequency("quotation marks"),
        "parenthesis_rate": frequency("parentheses"),
        "connective_rate": frequency("connectives like 'however' and 'in addition'"),
        "contraction_rate": frequency("contractions like 'don't'"),
        "first_person_singular_rate": frequency("'I', 'me' and 'my'"),
        "first_person_plural_rate": frequency("'we', 'us' and 'our'"),
        "capitalization_error_rate": frequency("errors with capital letters"),
        "spelling_error_rate": frequency("spelling errors"),
        "semantic_density": frequency("words that carry meaning"),
        "lexical_density": frequency("content words"),
        "num_pos_tags": number("different parts of speech"),
        "num_unique_lemmas": number("different base words"),
        "num_entities": number("names"),
        "num_distinct_entities": number("different names"),
        "average_entity_length": length("names"),
        "num_noun_chunks": number("noun phrases"),
        "average_noun_chunk_length": length("noun phrases"),
        "max_depth": ("the deepest sentence is more nested", "the deepest sentence is less nested"),
        "avg_branching_factor": (
            "more phrases hang on a sentence's main word", "fewer phrases hang on a sentence's main word"
        ),
        "total_nodes": number("words and marks in the sentence trees"),
        "total_leaves": number("words that govern no other"),
        "unique_rules": number("different sentence patterns"),
        "tree_complexity": ("sentences are built more deeply", "sentences are built less deeply"),
        "depth_variability": ("sentences vary more in nesting", "sentences vary less in nesting"),
        "mean_dependency_distance": (
            "words that belong together are further apart", "words that belong together are closer"
        ),
        "left_branching_share": (
            "words more often come before what they belong to", "words less often come before what they belong to"
        ),
        "passive_share": frequency("passives"),
        "semantic_flow_variability": (
            "the step in meaning from sentence to sentence varies more",
            "the step in meaning from sentence to sentence varies less"
        ),
        "semantic_flow_mean": (
            "neighbouring sentences are closer in meaning", "neighbouring sentences are further apart in meaning"
        ),
        "semantic_flow_minimum": (
            "the largest leap between neighbouring sentences is smaller",
            "the largest leap between neighbouring sentences is larger"
        ),
        "semantic_flow_defined": ("there are more sentences to compare", "there are fewer sentences to compare"),
    ]

    private static func harder(_ measure: String) -> (more: String, less: String) {
        ("the text is harder to read (\(measure))", "the text is easier to read (\(measure))")
    }

    private static func frequency(_ subject: String) -> (more: String, less: String) {
        ("\(subject) are more frequent", "\(subject) are rarer")
    }

    private static func number(_ subject: String) -> (more: String, less: String) {
        ("there are more \(subject)", "there are fewer \(subject)")
    }

    private static func length(_ subject: String) -> (more: String, less: String) {
        ("\(subject) are longer", "\(subject) are shorter")
    }

    private static func repeated(_ subject: String) -> (more: String, less: String) {
        ("more \(subject) are used again", "fewer \(subject) are used again")
    }
}
