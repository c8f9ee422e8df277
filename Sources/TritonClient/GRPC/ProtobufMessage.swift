internal import CKServe
internal import CProtobufC

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Packing and unpacking of any message that protoc-c generated.
enum ProtobufMessage {
    /// The bytes of `message`, fields in ascending order of their numbers.
    /// - Parameter message: a structure that begins with a `ProtobufCMessage`, set up by its `__init` function, whose
    ///   pointers are valid.
    static func pack<Message>(_ message: inout Message) -> [UInt8] {
        unsafe withUnsafePointer(to: &message) { message in
            let base = unsafe UnsafeRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
            let size = unsafe protobuf_c_message_get_packed_size(base)
            return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                guard let start = buffer.baseAddress else { return }
                count = unsafe protobuf_c_message_pack(base, start)
            }
        }
    }

    /// Unpacks `bytes`, has `read` copy out of the result what it needs, and frees it.
    ///
    /// Memory is bounded: two bytes on the wire (an empty message in a list) become more than a hundred in memory.
    /// - Parameters:
    ///   - unpack: the message's generated `__unpack`.
    ///   - free: the message's generated `__free_unpacked`.
    ///   - memoryLimit: in bytes; nil for the default.
    /// - Throws: `.invalidResponse` if `bytes` are no such message or take too much memory; what `read` throws.
    static func unpack<Message, Value>(
        _ bytes: [UInt8],
        with unpack: (UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?)
            -> UnsafeMutablePointer<Message>?,
        free: (UnsafeMutablePointer<Message>?, UnsafeMutablePointer<ProtobufCAllocator>?) -> Void,
        memoryLimit: Int? = nil,
        read: (Message) throws(TritonError) -> Value
    ) throws(TritonError) -> Value {
        // Raw tensor bytes dominate a large reply and are copied once.
        var memoryLeft = memoryLimit ?? (1 << 20) + 4 * bytes.count
        let result = unsafe withUnsafeMutablePointer(to: &memoryLeft) { memoryLeft -> Result<Value, TritonError> in
            var allocator = unsafe ProtobufCAllocator(
                alloc: { memoryLeft, size in
                    guard let left = unsafe memoryLeft?.assumingMemoryBound(to: Int.self),
                        unsafe size <= left.pointee
                    else { return nil }
                    unsafe left.pointee -= size
                    return unsafe malloc(size)
                },
                free: { _, block in unsafe Glibc.free(block) },
                allocator_data: memoryLeft)
            guard let message = unsafe unpack(&allocator, bytes.count, bytes) else {
                return .failure(.invalidResponse("the reply's \(bytes.count) bytes are not the message expected"))
            }
            defer { unsafe free(message, &allocator) }
            do throws(TritonError) {
                return .success(try read(unsafe message.pointee))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// - Throws: `.invalidResponse` if the text is not UTF-8, which protobuf-c does not check.
    static func string(_ text: UnsafePointer<CChar>?) throws(TritonError) -> String {
        guard let text = unsafe text else { return "" }
        guard let string = unsafe String(validatingCString: text) else {
            throw .invalidResponse("a string of the reply is not UTF-8")
        }
        return string
    }
}
