/// Words that are written with a full stop, and words that tell whether it also ends the sentence.
enum Abbreviations {
    /// Titles, with a capital: a name follows, so they end no sentence.
    static let titles = WordSet(
        "mr mrs ms mx dr prof st gen col lt capt sgt cpl maj rev hon fr gov sen rep pres messrs mme mlle")

    /// What follows belongs to them, so they end no sentence.
    static let leading = WordSet("e.g i.e vs cf fig figs eq eqs vol vols pp approx ca resp viz dept ed eds")

    /// A number follows; otherwise they are words at the end of a sentence.
    static let beforeNumbers = WordSet("no nos p ch sec art")

    /// They may end a sentence.
    static let trailing = WordSet(
        """
        etc inc ltd co corp llc bros jr sr ph.d m.d b.a m.a u.s u.k u.n e.u u.s.a a.m p.m a.d b.c d.c al ave blvd rd \
        jan feb apr jun jul aug sept oct nov dec mon tue tues thu thur thurs fri
        """)

    /// Words that begin sentences and follow no abbreviation within one.
    static let sentenceOpeners = WordSet(
        """
        the a an this that these those it he she we they i you there here my his her its our their your in on at for from \
        with by as if when while since because although though however but and so then after before once what why how who \
        where some many most all each every one no yes another both such
        """)

    /// Endings of host and file names.
    static let nameEndings = WordSet(
        "com org net edu gov io co uk de fr us eu info biz tv html htm php pdf jpg png txt js py exe zip doc docx mp3 mp4"
    )

    /// Words that are written with a leading apostrophe.
    static let leadingApostrophe = WordSet("em tis twas cause til till bout n round tween")
}
