/// Whether a text is English at all, by the share of its words that are among English's commonest function words.
///
/// The words were chosen for being frequent in English and no words of the other languages of Latin script (`die`, `in`,
/// `man`, `a`, `me`, `no`, `on` are missing for that reason).
public struct EnglishProbe: Sendable {
    /// Share of words that are function words, 0...1; 0 for no words.
    public let share: Double

    /// Below it a text is taken for another language, or for none. See `EnglishProbeTests` for what was measured.
    public static let minimumShare = 0.15

    /// Words that it takes to tell.
    public static let minimumWords = 20

    public let wordCount: Int

    /// False only where there are enough words to tell.
    public var looksEnglish: Bool {
        wordCount < Self.minimumWords || share >= Self.minimumShare
    }

    init(_ vocabulary: Vocabulary) {
        wordCount = vocabulary.ids.count
        var hits = 0
        for id in 0..<vocabulary.count where vocabulary.facts[id].contains(.common) {
            hits += Int(vocabulary.counts[id])
        }
        share = ratio(hits, wordCount)
    }

    static let functionWords = """
        the of and to is that it was for as with his they at be this have from or had by but some what there we can out \
        other were all your when up use how said an each she which their if will way about many then them would like so \
        these her long make thing see him two has look more day could go come did my sound most who over know than call \
        first people may down been now find any new work take get place made where after back little only round year \
        came show every good give our under name very through just much before right too means old same tell does set \
        three want well also play small put home read hand large spell even here must big such follow because turn here \
        why asked went men need different us again off away still should while might never last let thought \
        don't doesn't didn't isn't aren't wasn't it's i'm i've i'll that's there's can't won't i you he not are into \
        its do being one think things really those both between another however own without within during until \
        ourselves themselves something someone everyone anything always often since though although
        """
}
