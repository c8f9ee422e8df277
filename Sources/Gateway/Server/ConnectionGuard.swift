import HTTPTypes
import Metrics
import NIOCore
import NIOHTTPTypes
import Synchronization

/// Bounds how long a peer may take to send a request, and tells a request's handler when its client has gone.
///
/// The framework's idle time-out starts again with every byte, so a body dripped one byte a second would live for
/// ever. This handler's clocks run from the connection's start to the first head, and from each head to its body's
/// last byte, whatever arrives in between. A body that is late is answered 408 and the connection closed. It also
/// closes the connection after a reply that says `Connection: close`.
///
/// A request that is answered before it was read is read to its end all the same, for a moment, and dropped: the kernel
/// answers a close with unread bytes by a reset, which may take the reply with it on its way to the client.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Safe to use from any thread.
    let presence = ClientPresence()

    /// How long what still comes of a refused request is read and dropped.
    private static let lingering = TimeAmount.seconds(2)

    private let headTimeout: TimeAmount
    private let bodyTimeout: TimeAmount
    private var timer: Scheduled<Void>?
    /// From the first byte of the reply to the next request: a refusal may come before the body that it does not read.
    private var isAnswered = false
    private var isClosingAfterReply = false
    /// Heads without the end of a reply. Two and more are requests that were sent ahead.
    private var pending = 0
    /// Of the last request, as `isRequestWhole` is. What is no request at all has no end to wait for.
    private var isCloseAsked = false
    private var isRequestWhole = true
    /// After the last reply: nothing that the handler still writes may follow it, and nothing more reaches the handler.
    private var isCutOff = false
    private let metrics: GatewayMetrics?

    init(headTimeout: Duration, bodyTimeout: Duration, metrics: GatewayMetrics? = nil) {
        self.metrics = metrics
        self.headTimeout = TimeAmount(headTimeout)
        self.bodyTimeout = TimeAmount(bodyTimeout)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        metrics?.connectionsOpened.increment()
        metrics?.connectionsOpen.increment()
        if context.channel.isActive { start(headTimeout, context) { $0.close(promise: nil) } }
    }

    func channelActive(context: ChannelHandlerContext) {
        start(headTimeout, context) { $0.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard !isCutOff else {
            // What is left of the request has come: there is nothing more to wait for.
            if case .end = part { context.close(promise: nil) }
            return
        }
        switch part {
        case .head(let head):
            isAnswered = false
            isRequestWhole = false
            pending += 1
            isCloseAsked = head.headerFields[.connection] == "close"
            start(bodyTimeout, context) { [self] in answerTooSlow($0) }
        case .body: break
        case .end:
            isRequestWhole = true
            stop()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // The handler asks for no more.
        if isCutOff { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isCutOff else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            isAnswered = true
            isClosingAfterReply = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            pending = max(0, pending - 1)
            // The handler reads no more of a request that asked for a close; whole ones it closes after by itself.
            let isUnreadToTheEnd = pending == 0 && isCloseAsked && !isRequestWhole
            if isClosingAfterReply || isUnreadToTheEnd {
                context.writeAndFlush(data, promise: promise)
                closeInPeace(context)
            } else {
                context.write(data, promise: promise)
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, case .inputClosed = event {
            presence.clientLeft()
            if isCutOff { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        presence.clientLeft()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        metrics?.connectionsOpen.decrement()
        stop()
    }

    private func start(
        _ delay: TimeAmount, _ context: ChannelHandlerContext, _ action: @escaping (ChannelHandlerContext) -> Void
    ) {
        stop()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { action(context) }
    }

    private func stop() {
        timer?.cancel()
        timer = nil
    }

    /// Ends the connection after the last reply, once the request has been read or `lingering` is over.
    private func closeInPeace(_ context: ChannelHandlerContext) {
        isCutOff = true
        guard !isRequestWhole else {
            stop()
            context.close(promise: nil)
            return
        }
        start(Self.lingering, context) { $0.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        context.read()
    }

    private func answerTooSlow(_ context: ChannelHandlerContext) {
        metrics?.slowBodies.increment()
        presence.clientLeft()
        if !isAnswered {
            let reply = ErrorReply(
                GatewayError(.bodyTimeout, "the request's body did not arrive in time; send it faster"), requestID: "")
            var fields = HTTPFields()
            fields[.contentType] = ErrorReply.contentType
            fields[.contentLength] = "\(reply.json.count)"
            fields[.connection] = "close"
            SecurityHeaders().add(to: &fields)
            context.write(
                wrapOutboundOut(.head(HTTPResponse(status: .requestTimeout, headerFields: fields))), promise: nil)
            context.write(wrapOutboundOut(.body(ByteBuffer(bytes: reply.json))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        closeInPeace(context)
    }
}

/// Whether the client of a connection is still there, and what to do when it leaves.
final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var nextID = 0
        var actions: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// Runs `body` in a task of its own, which is cancelled when the client leaves.
    func whilePresent<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = Task { try await body() }
        let id = onLeave { task.cancel() }
        defer { forget(id) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    func clientLeft() {
        let actions = state.withLock { state in
            state.isGone = true
            defer { state.actions = [:] }
            return state.actions.values.map { $0 }
        }
        for action in actions { action() }
    }

    private func onLeave(_ action: @escaping @Sendable () -> Void) -> Int? {
        let id = state.withLock { state -> Int? in
            guard !state.isGone else { return nil }
            state.nextID += 1
            state.actions[state.nextID] = action
            return state.nextID
        }
        if id == nil { action() }
        return id
    }

    private func forget(_ id: Int?) {
        guard let id else { return }
        state.withLock { _ = $0.actions.removeValue(forKey: id) }
    }
}
