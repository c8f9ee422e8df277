import Hummingbird

/// The web page at `/` and what it loads from `/web/`. Its files need no key: the page asks for one.
struct WebRoutes: Sendable {
    func add(to router: Router<GatewayContext>) {
        for file in WebFile.all {
            router.only(.get, RouterPath(file.path)) { request, _ in
                file.response(ifNoneMatch: request.headers[.ifNoneMatch])
            }
        }
    }
}
