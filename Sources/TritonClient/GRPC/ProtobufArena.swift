/// Memory for one outgoing message of protobuf-c, whose structures point at each other: everything that the arena
/// hands out lives as long as the arena. Not shared between threads.
@safe final class ProtobufArena {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    deinit {
        while let block = unsafe blocks.popLast() { unsafe block.deallocate() }
    }

    /// A copy of `text` with a NUL after it.
    /// - Throws: `.invalidRequest` if `text` holds a NUL, after which a C string ends.
    func string(_ text: String) throws(TritonError) -> UnsafeMutablePointer<CChar> {
        guard !text.utf8.contains(0) else { throw .invalidRequest("a name, version or id holds a NUL") }
        let copy = unsafe array(of: CChar.self, text.utf8.map { CChar(bitPattern: $0) } + [0])
        return unsafe copy
    }

    /// A copy of `elements`; of trivial types only, since nothing is deinitialised.
    func array<Element: BitwiseCopyable>(
        of type: Element.Type, _ elements: [Element]
    ) -> UnsafeMutablePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        unsafe copy.initialize(from: elements, count: elements.count)
        unsafe blocks.append(UnsafeMutableRawPointer(copy))
        return unsafe copy
    }

    /// The list of pointers to `messages` that protobuf-c wants for a repeated message field.
    func pointers<Message: BitwiseCopyable>(
        to messages: [Message]
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<Message>?> {
        let first = unsafe array(of: Message.self, messages)
        return unsafe array(
            of: UnsafeMutablePointer<Message>?.self, messages.indices.map { index in unsafe first + index })
    }
}
