import HTTPTypes
import Hummingbird

/// `GET /metrics`: every metric, in Prometheus's text format. On the gateway's own port, or on one of its own.
struct MetricsRoute: Sendable {
    let metrics: GatewayMetrics
    let rollout: Rollout
    let drain: DrainState

    func add(to router: Router<some RequestContext>) {
        router.only(.get, "/metrics") { _, _ in
            let bytes = metrics.exposition(rollout.plan, isDraining: drain.isDraining)
            return Response(
                status: .ok, headers: [.contentType: PrometheusText.contentType],
                body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }
}
