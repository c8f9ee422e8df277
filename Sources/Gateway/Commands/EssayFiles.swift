import Foundation

/// Turns the arguments of a command into names of files: files as they are, folders and patterns as what they hold.
enum EssayFiles {
    /// Endings of the files that a folder is searched for.
    static let endings = [".txt", ".md", ".markdown"]

    /// Files in the order of the arguments, those of one folder or pattern by name; each once. Hidden files and folders
    /// are left out unless they are named.
    /// - Throws: `notFound` for a folder or a pattern without any file: most likely a slip.
    static func expand(_ arguments: [String]) throws(GatewayError) -> [String] {
        var seen: Set<String> = []
        var files: [String] = []
        for argument in arguments {
            for file in try expand(argument) where seen.insert(file).inserted { files.append(file) }
        }
        return files
    }

    private static func expand(_ argument: String) throws(GatewayError) -> [String] {
        let target = URL(fileURLWithPath: argument).resolvingSymlinksInPath().path
        if let attributes = try? FileManager.default.attributesOfItem(atPath: target) {
            guard attributes[.type] as? FileAttributeType == .typeDirectory else { return [argument] }
            let files = self.files(below: argument).filter { file in endings.contains { file.hasSuffix($0) } }
            guard !files.isEmpty else {
                let words = endings.joined(separator: ", ")
                throw GatewayError(.notFound, "\(argument): the folder holds no file that ends in \(words)")
            }
            return files.map { join(argument, $0) }
        }
        // A name that does not exist gets its error in its place among the results.
        guard let pattern = PathPattern(argument) else { return [argument] }
        let files = files(below: pattern.folder.isEmpty ? "." : pattern.folder).filter(pattern.matches)
        guard !files.isEmpty else { throw GatewayError(.notFound, "\(argument): no file has such a name") }
        return files.map { pattern.folder.isEmpty ? $0 : join(pattern.folder, $0) }
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// Names of all files below a folder, relative to it, sorted by their bytes. Links to folders are not followed.
    private static func files(below folder: String) -> [String] {
        guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
        var files: [String] = []
        while let name = names.nextObject() as? String {
            let isHidden = name.split(separator: "/").last?.hasPrefix(".") ?? false
            switch names.fileAttributes?[.type] as? FileAttributeType {
            case .typeDirectory?: if isHidden { names.skipDescendants() }
            case .typeRegular?, .typeSymbolicLink?: if !isHidden { files.append(name) }
            default: break
            }
        }
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// A pattern of file names: `*` stands for any part of a name, `?` for one character, `**` for any number of folders.
struct PathPattern {
    /// What stands before the first part with a wildcard; empty for the working folder.
    let folder: String
    private let parts: [[Character]]

    /// nil for a name without a wildcard.
    init?(_ pattern: String) {
        let all = pattern.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = all.firstIndex(where: { $0.contains("*") || $0.contains("?") }) else { return nil }
        let before = all[..<first].joined(separator: "/")
        folder = before.isEmpty && first > 0 ? "/" : before
        parts = all[first...].filter { !$0.isEmpty }.map(Array.init)
    }

    /// - Parameter name: relative to `folder`.
    func matches(_ name: String) -> Bool {
        Self.matches(name.split(separator: "/").map(Array.init)[...], parts[...])
    }

    private static func matches(_ names: ArraySlice<[Character]>, _ parts: ArraySlice<[Character]>) -> Bool {
        guard let part = parts.first else { return names.isEmpty }
        if part == ["*", "*"] {
            return (names.startIndex...names.endIndex).contains { matches(names[$0...], parts.dropFirst()) }
        }
        guard let name = names.first, matches(name, part) else { return false }
        return matches(names.dropFirst(), parts.dropFirst())
    }

    /// One part of a name. Goes back to the last star at most, so the time is the product of the lengths.
    private static func matches(_ name: [Character], _ part: [Character]) -> Bool {
        var (place, wanted) = (0, 0)
        var star: (place: Int, wanted: Int)?
        while place < name.count {
            if wanted < part.count, part[wanted] == "*" {
                star = (place, wanted)
                wanted += 1
            } else if wanted < part.count, part[wanted] == "?" || part[wanted] == name[place] {
                place += 1
                wanted += 1
            } else if let last = star {
                star = (last.place + 1, last.wanted)
                place = last.place + 1
                wanted = last.wanted + 1
            } else {
                return false
            }
        }
        return part[wanted...].allSatisfy { $0 == "*" }
    }
}
