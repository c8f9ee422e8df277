/// Letters of other scripts, and phonetic and numeral letters, that look like a basic Latin letter.
///
/// From Unicode's confusables (UTS #39) the single characters whose prototype is one ASCII letter, of these blocks:
/// IPA, Greek, Cyrillic, Armenian, Cherokee, Phonetic Extensions, Number Forms, Coptic, Lisu, Latin Extended-E. Changed
/// by hand: capital I for prototypes `l` of capital letters; without the Greek letters that are common in formulas and
/// not really alike (σ, γ, ϒ, Ϝ, ϱ, Ϻ); with Cyrillic к and the small capitals.
enum HomoglyphTable {
    /// The Latin letter that `value` looks like, or nil. O(log 220).
    static func latinLetter(_ value: UInt32) -> UInt8? {
        guard value >= 0x0250, value <= 0xABBF else { return nil }
        var (low, high) = (0, table.count)
        while low < high {
            let middle = (low + high) / 2
            if table[middle].value < value { low = middle + 1 } else { high = middle }
        }
        return low < table.count && table[low].value == value ? table[low].letter : nil
    }

    private static let table: [(value: UInt32, letter: UInt8)] = {
        var entries: [(value: UInt32, letter: UInt8)] = []
        for line in source.utf8.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "))
            guard let letter = fields.first?.first else { continue }
            for field in fields.dropFirst() {
                entries.append((field.reduce(0) { $0 << 4 | hexadecimal($1) }, letter))
            }
        }
        return entries.sorted { $0.value < $1.value }
    }()

    private static func hexadecimal(_ digit: UInt8) -> UInt32 {
        UInt32(digit.isASCIIDigit ? digit - 0x30 : digit - UInt8(ascii: "A") + 10)
    }

    /// A line a letter: the letter, then the scalar values in hexadecimal.
    private static let source = """
        A 0391 0410 13AA A4EE
        a 0251 03B1 0430 1D00
        B 0392 0412 13F4 A4D0
        b 0299 042C 13CF
        C 03F9 0421 13DF 216D 2CA4 A4DA
        c 03F2 0441 1D04 217D 2CA5 ABAF
        D 13A0 216E A4D3
        d 0501 13E7 1D05 217E A4D2
        E 0395 0415 13AC A4F0
        e 0435 04BD 1D07 AB32
        F A4DD
        f 0584 A730 AB35
        G 050C 13C0 13F3 A4D6
        g 0261 0262 0581
        H 0397 041D 13BB 2C8E A4E7
        h 029C 04BB 0570 13C2
        I 0399 0406 04C0 2160 2C92 A4F2
        i 0269 026A 03B9 0456 04CF 13A5 2170 AB75
        J 037F 0408 13AB A4D9
        j 03F3 0458 1D0A
        K 039A 041A 13E6 2C94 A4D7
        k 043A 1D0B
        L 13DE 216C 2CD0 A4E1
        l 029F 217C
        M 039C 041C 13B7 216F 2C98 A4DF
        m 1D0D
        N 039D 2C9A A4E0
        n 0274 0578 057C
        O 039F 041E 0555 2C9E A4F3
        o 03BF 043E 0585 1D0F 1D11 2C9F AB3D
        P 03A1 0420 13E2 2CA2 A4D1
        p 03C1 0440 1D18 2CA3
        q 051B 0563 0566
        R 13A1 13D2 A4E3
        r 0280 0433 1D26 2C85 AB47 AB48 AB81
        S 0405 054F 13D5 13DA A4E2
        s 0455 A731 ABAA
        T 03A4 0422 13A2 2CA6 A4D4
        t 1D1B
        U 054D A4F4
        u 028B 03C5 057D 1D1C AB4E AB52
        V 0474 13D9 2164 A4E6
        v 03BD 0475 1D20 2174 ABA9
        W 051C 13B3 13D4 A4EA
        w 026F 0461 051D 0561 1D21 AB83
        X 03A7 0425 2169 2CAC A4EB
        x 0445 2179
        Y 03A5 0423 04AE 13A9 13BD 2CA8 A4EC
        y 0263 028F 0443 04AF AB5A
        Z 0396 13C3 A4DC
        z 1D22 AB93
        """
}
