// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is built with these: Swift 6 mode (from the tools version), no implicit unsafe code,
/// and no warning that can be left standing.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "essay-gateway",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "gateway", targets: ["Gateway"]),
        .library(name: "TritonClient", targets: ["TritonClient"]),
        // For the benchmarks, which are a package of their own.
        .library(name: "WordPiece", targets: ["WordPiece"]),
        .library(name: "Features", targets: ["Features"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: [.defaults, "CommandLineArguments", "YAML"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        // Already there for swift-configuration; used to refuse mistyped keys.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // No pkgConfig: Debian's grpc.pc names so many static libraries that the link command overflows.
        // The module map links libgrpc and libgpr itself.
        .systemLibrary(name: "CGRPC", providers: [.apt(["libgrpc-dev"])]),
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
        .target(name: "CKServe", dependencies: ["CProtobufC"]),
        .target(name: "WordPiece", exclude: ["Resources"], swiftSettings: strict),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // Weights of the tagger and the parser, put into the program by C's #embed.
        .target(name: "CLinguisticModel", exclude: ["syntax.bin"]),
        .target(name: "Features", dependencies: ["CLinguisticModel", "CZlib", "WordPiece"], swiftSettings: strict),
        .target(
            name: "TritonClient", dependencies: ["CCurl", "CGRPC", "CKServe", "CProtobufC"],
            swiftSettings: strict),
        .executableTarget(
            name: "Gateway",
            dependencies: [
                "WordPiece", "Features", "TritonClient",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ],
            exclude: ["Resources", "Web/Page"],
            swiftSettings: strict),
        .testTarget(
            name: "WordPieceTests", dependencies: ["WordPiece"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "FeaturesTests", dependencies: ["Features"], exclude: ["Fixtures"], swiftSettings: strict),
        .target(name: "TestSupport", dependencies: ["TritonClient"], path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "TritonClientTests", dependencies: ["TritonClient", "TestSupport"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "TestSupport", .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests", dependencies: ["TritonClient", "TestSupport"], path: "Tests/Integration",
            exclude: ["Fixtures", "reference_infer.py"], swiftSettings: strict),
    ]
)
