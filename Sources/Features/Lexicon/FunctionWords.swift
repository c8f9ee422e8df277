/// Closed classes of words, in lower case with straight apostrophes.
enum FunctionWords {
    static let lists: [(words: String, fact: WordFacts)] = [
        (EnglishProbe.functionWords, .common),
        (Connectives.words, .connective),
        (contractions, .contraction),
        ("i me my mine myself i'm i've i'd i'll", .firstPersonSingular),
        ("we us our ours ourselves we're we've we'd we'll let's", .firstPersonPlural),
        (short, .known),
    ]

    /// Right, though no dictionary has them: units, numerals, abbreviations, and what tokenisers leave of contractions.
    private static let short = """
        km cm mm nm kg mg ml kw kwh mph kmh hz khz mhz ghz kb mb gb tb bpm rpm min sec hr hrs \
        ii iii iv vi vii viii ix xi xii approx dept esp vol vols vs etc eg ie et al cf fig figs eq eqs pp ed eds no nos \
        ll ve didn doesn couldn wasn wouldn isn hasn hadn aren weren shouldn haven gon wan na ta
        """

    /// Verbs and pronouns drawn together. A possessive `'s` is none: `'s` counts after pronouns and adverbs only.
    private static let contractions = """
        aren't can't couldn't didn't doesn't don't hadn't hasn't haven't isn't mightn't mustn't needn't oughtn't shan't \
        shouldn't wasn't weren't won't wouldn't ain't daren't \
        i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll we're we've we'd \
        we'll they're they've they'd they'll that's that'd that'll there's there'd there'll here's this'll these're \
        those're who's who'd who'll who're who've what's what'd what'll what're what've where's where'd when's why's \
        how's how'd let's one's someone's somebody's everyone's everybody's everything's something's nothing's nobody's \
        no-one's could've should've would've might've must've might'd y'all ma'am o'clock 'tis 'twas gonna wanna gotta \
        lemme gimme kinda sorta dunno
        """
}

/// Words and phrases that say how clauses and sentences belong together.
///
/// After the list of explicit connectives of the Penn Discourse Treebank 2.0 (Prasad et al. 2008, appendix A) and the
/// conjunctive adjuncts of Halliday & Hasan 1976 (chapter 5), with learners' phrases of the same kind (`to sum up`).
/// Left out is what is a connective only now and then: `and`, `but`, `or`, `so`, `as`, `when`, `for`, `then`, `since`,
/// `before`, `after`, `once`, `still`, `next`, `first`, `if`.
enum Connectives {
    static let words = """
        accordingly additionally afterwards afterward also alternatively although altogether besides because \
        consequently conversely correspondingly equally finally firstly furthermore hence however incidentally indeed \
        instead lastly lest likewise meantime meanwhile moreover namely nevertheless nonetheless nor notwithstanding \
        otherwise overall previously rather regardless secondly separately similarly simultaneously specifically \
        subsequently therefore thereafter thereby therein thereupon thirdly though thus ultimately unless unlike \
        whereas whereby whereupon while whilst yet plus likewise contrarily comparatively despite
        """

    /// Hashes of the words of each phrase.
    static let phrases: [[UInt64]] = """
        as a consequence,as a matter of fact,as a result,as an alternative,as if,as long as,as opposed to,as soon as,\
        as though,as well as,at first,at last,at the same time,above all,after all,all in all,apart from,\
        by comparison,by contrast,by then,by the way,due to,even if,even though,except that,first of all,\
        for example,for instance,for one thing,for that reason,for this reason,given that,if then,in a word,\
        in addition,in brief,in case,in comparison,in conclusion,in contrast,in fact,in general,in order to,\
        in other words,in particular,in short,in spite of,in sum,in summary,in that case,in the end,in the first place,\
        in the meantime,in the same way,in turn,insofar as,instead of,later on,much as,no matter,not only,now that,\
        of course,on account of,on balance,on one hand,on the contrary,on the one hand,on the other hand,on the whole,\
        on top of that,on top of this,only if,owing to,provided that,rather than,seeing that,so as to,so far,so that,\
        such as,that is to say,to begin with,to conclude,to start with,to sum up,to summarise,to summarize,up to now,\
        what is more,what's more,with regard to,with respect to
        """.split(separator: ",").map { $0.split(separator: " ").map { WordHash($0.utf8).value } }

    private static let byFirstWord = Dictionary(grouping: phrases.filter { $0.count > 1 }) { $0[0] }

    /// Number of words of the longest phrase that begins at a word; 0 if none does.
    /// - Parameter index: of a word that ``WordFacts/opensConnective``.
    static func phraseLength(_ hashes: [UInt64], at index: Int) -> Int {
        var longest = 0
        for phrase in byFirstWord[hashes[index]] ?? [] where phrase.count > longest {
            guard index + phrase.count <= hashes.count else { continue }
            if (1..<phrase.count).allSatisfy({ hashes[index + $0] == phrase[$0] }) { longest = phrase.count }
        }
        return longest
    }
}
