import Crypto

/// A key as its owner holds it: `aoh_`, an id of 8 characters, `_`, and a secret of 43 characters, all of them letters
/// and digits. 43 characters out of 62 are 256 bits, which is why a plain SHA-256 is enough to store: nobody guesses
/// them, so there is nothing for a slow hash to slow down.
struct APIKey: Sendable, Equatable {
    /// Not secret: it names the key in the file and in the log.
    let id: String
    /// What the owner is told, once.
    let text: String

    private static let prefix = "aoh_"
    private static let idLength = 8
    private static let secretLength = 43
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    /// A new key, from the system's random numbers.
    static func make() -> APIKey {
        var generator = SystemRandomNumberGenerator()
        func characters(_ count: Int) -> String {
            String((0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
        }
        let id = characters(idLength)
        return APIKey(id: id, text: "\(prefix)\(id)_\(characters(secretLength))")
    }

    /// The id in a key as presented; nil where it does not have a key's form. Time does not depend on which keys exist.
    static func id(in presented: String) -> String? {
        let bytes = Array(presented.utf8)
        let (prefix, idEnd) = (Array(prefix.utf8), prefix.utf8.count + idLength)
        guard bytes.count == idEnd + 1 + secretLength, bytes.starts(with: prefix), bytes[idEnd] == UInt8(ascii: "_"),
            isID(bytes[prefix.count..<idEnd])
        else { return nil }
        return String(decoding: bytes[prefix.count..<idEnd], as: UTF8.self)
    }

    static func isID(_ text: String) -> Bool {
        text.utf8.count == idLength && isID(Array(text.utf8)[...])
    }

    private static func isID(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
    }

    /// What is stored of a key.
    static func digest(of presented: String) -> SHA256.Digest {
        SHA256.hash(data: Array(presented.utf8))
    }

    /// The digest in 64 hexadecimal digits.
    var sha256: String { Hexadecimal.text(APIKey.digest(of: text)) }
}
