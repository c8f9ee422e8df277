// swift-tools-version: 6.2
import PackageDescription

/// A package of its own, so that building the gateway neither builds nor sees the benchmarks.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "essay-gateway", path: "..")],
    targets: [
        .target(name: "CAllocationCount"),
        .executableTarget(
            name: "bench",
            dependencies: [
                "CAllocationCount",
                .product(name: "Features", package: "essay-gateway"),
                .product(name: "WordPiece", package: "essay-gateway"),
            ],
            swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)]),
    ]
)
