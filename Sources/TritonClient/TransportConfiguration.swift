/// What a transport needs to know beyond the URL. Every default is the one documented here, never the library's.
public struct TransportConfiguration: Sendable, Equatable {
    /// Longest time for name look-up, TCP and TLS together. A call's own deadline may end it sooner. Default 2 s
    /// (libcurl's own is 300 s, gRPC's 20 s).
    public var connectTimeout: Duration

    /// A larger reply ends the call with `.invalidResponse`, before it is held in memory. Default 64 MiB.
    public var maximumReplyBytes: Int

    /// Quiet time on a connection after which a probe is sent: TCP keepalive for HTTP, an HTTP/2 ping for gRPC, sent
    /// only while a call is in flight (Triton answers more frequent pings without one with GOAWAY). Default 10 s.
    public var keepaliveInterval: Duration

    /// How long an unanswered probe may stay so before the connection counts as dead. Default 5 s.
    public var keepaliveTimeout: Duration

    /// Oldest connection and oldest name look-up that are used for a new call, so that a changed address is seen.
    /// HTTP only; gRPC looks names up again whenever a connection fails. Default 60 s.
    public var connectionMaximumAge: Duration

    /// First wait before gRPC connects again after a failure. HTTP connects on each call. Default 100 ms.
    public var reconnectBackoffInitial: Duration

    /// Longest such wait. Default 1 s: gRPC's own 120 s leave the gateway dead for two minutes after the server is
    /// back.
    public var reconnectBackoffMaximum: Duration

    /// PEM file of the certificate authorities to trust for `https` and `grpcs`; nil for the system's.
    public var caFile: String?

    public init(
        connectTimeout: Duration = .seconds(2), maximumReplyBytes: Int = 64 << 20,
        keepaliveInterval: Duration = .seconds(10), keepaliveTimeout: Duration = .seconds(5),
        connectionMaximumAge: Duration = .seconds(60), reconnectBackoffInitial: Duration = .milliseconds(100),
        reconnectBackoffMaximum: Duration = .seconds(1), caFile: String? = nil
    ) {
        self.connectTimeout = connectTimeout
        self.maximumReplyBytes = maximumReplyBytes
        self.keepaliveInterval = keepaliveInterval
        self.keepaliveTimeout = keepaliveTimeout
        self.connectionMaximumAge = connectionMaximumAge
        self.reconnectBackoffInitial = reconnectBackoffInitial
        self.reconnectBackoffMaximum = reconnectBackoffMaximum
        self.caFile = caFile
    }
}
