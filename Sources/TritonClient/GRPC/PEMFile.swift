#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Certificate authorities in PEM.
enum PEMFile {
    /// Debian's whole list has 220 KB.
    private static let maximumBytes = 16 << 20

    /// - Returns: the file's text; nil if it cannot be read, is too large, or holds no certificate.
    static func read(_ path: String) -> String? {
        guard let file = unsafe fopen(path, "re") else { return nil }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe fread(&block, 1, block.count, file)
            guard count > 0 else { break }
            bytes.append(contentsOf: block[..<count])
            guard bytes.count <= maximumBytes else { return nil }
        }
        guard unsafe ferror(file) == 0, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return text.contains("-----BEGIN CERTIFICATE-----") ? text : nil
    }
}
