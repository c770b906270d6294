// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "forerun",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Forerun", targets: ["Forerun"]),
        .library(name: "ForerunTesting", targets: ["ForerunTesting"]),
        .executable(name: "forerun", targets: ["forerun"]),
        .executable(name: "forerun-branch", targets: ["forerun-branch"]),
        .executable(name: "forerun-bench", targets: ["forerun-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // The pure core: no I/O, no clock, no randomness.
        .target(
            name: "ForerunCore", dependencies: [.product(name: "OrderedCollections", package: "swift-collections")]),

        // Endpoints.
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "ForerunTransport", dependencies: ["CCurl"]),
        .target(name: "ForerunEndpoints", dependencies: ["ForerunCore", "ForerunTransport"]),

        // Environments.
        .target(
            name: "ForerunWorkspace",
            dependencies: ["ForerunCore", "CBranch", .product(name: "Subprocess", package: "swift-subprocess")]),
        // Branches of a workspace: namespaces, overlays, seccomp. The program is started beside the one that needs it.
        .target(name: "CBranch"),
        .executableTarget(name: "forerun-branch", dependencies: ["CBranch"]),
        .target(name: "ForerunChess", dependencies: ["ForerunCore"]),
        .target(
            name: "ForerunRecords", dependencies: ["ForerunCore", .product(name: "GRDB", package: "GRDB.swift")]),

        // Speculators.
        .target(
            name: "ForerunSpeculators",
            dependencies: [
                "ForerunCore", .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),

        // Learning from what was recorded.
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(
            name: "ForerunLearning",
            dependencies: [
                "ForerunCore", "ForerunSpeculators", "CZlib", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),

        // Drivers, storage, assembly.
        .target(
            name: "ForerunStore",
            dependencies: [
                "ForerunCore",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .target(name: "ForerunTelemetry", dependencies: ["ForerunCore", "ForerunTransport", "CZlib"]),
        .target(
            name: "ForerunSimulation",
            dependencies: [
                "ForerunCore", "ForerunSpeculators", "ForerunLearning", "ForerunRecords",
                .product(name: "HeapModule", package: "swift-collections"),
            ]),
        .target(
            name: "ForerunRuntime",
            dependencies: [
                "ForerunCore", "ForerunTransport", "ForerunEndpoints", "ForerunWorkspace", "ForerunChess",
                "ForerunSpeculators", "ForerunLearning", "ForerunStore", "ForerunTelemetry",
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "Forerun",
            dependencies: ["ForerunRuntime", "ForerunCore", "ForerunEndpoints", "ForerunSpeculators"]),

        // Tools for tests and demonstrations.
        .target(name: "ForerunTesting", dependencies: ["ForerunCore"]),
        .target(name: "ForerunBrowser", dependencies: ["ForerunCore", "ForerunTransport"]),
        .target(
            name: "ForerunMockServer",
            dependencies: [
                "ForerunCore", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]),

        // Web pages of the recorded runs. What browsers are sent is inside of the program.
        .target(
            name: "ForerunDashboard",
            dependencies: [
                "ForerunCore", "ForerunStore", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Assets")]),

        // Programs.
        .executableTarget(
            name: "forerun",
            dependencies: [
                "ForerunCore", "ForerunTransport", "ForerunRuntime", "ForerunSimulation", "ForerunStore",
                "ForerunMockServer", "ForerunDashboard",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "forerun-bench",
            dependencies: [
                "ForerunCore", "ForerunRuntime", "ForerunEndpoints", "ForerunSpeculators", "ForerunTransport",
                "ForerunWorkspace", "ForerunLearning", "ForerunSimulation", "ForerunStore", "ForerunTesting",
                "ForerunBrowser",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Benchmarks", exclude: ["Scripts"]),

        .testTarget(name: "ForerunCoreTests", dependencies: ["ForerunCore", "ForerunTesting"]),
        .testTarget(
            name: "ForerunSimulationTests",
            dependencies: [
                "ForerunSimulation", "ForerunCore", "ForerunLearning", "ForerunRecords", "ForerunStore",
                "ForerunTesting",
            ]),
        .testTarget(name: "ForerunTransportTests", dependencies: ["ForerunTransport", "ForerunTesting"]),
        .testTarget(
            name: "ForerunEndpointsTests",
            dependencies: ["ForerunEndpoints", "ForerunTransport", "ForerunCore", "ForerunTesting"]),
        .testTarget(
            name: "ForerunWorkspaceTests",
            dependencies: ["ForerunWorkspace", "ForerunCore", "ForerunTesting", "forerun-branch"]),
        .testTarget(name: "ForerunChessTests", dependencies: ["ForerunChess", "ForerunCore"]),
        .testTarget(
            name: "ForerunRecordsTests",
            dependencies: ["ForerunRecords", "ForerunCore", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "ForerunStoreTests",
            dependencies: [
                "ForerunStore", "ForerunCore", "ForerunTesting", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "ForerunTelemetryTests",
            dependencies: ["ForerunTelemetry", "ForerunCore", "ForerunTesting", "ForerunTransport"]),
        .testTarget(
            name: "ForerunSpeculatorsTests",
            dependencies: [
                "ForerunSpeculators", "ForerunCore", "ForerunTesting",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .testTarget(
            name: "ForerunLearningTests",
            dependencies: [
                "ForerunLearning", "ForerunCore", "ForerunTesting", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(name: "ForerunMockServerTests", dependencies: ["ForerunMockServer", "ForerunCore"]),
        .testTarget(
            name: "ForerunRuntimeTests",
            dependencies: [
                "ForerunRuntime", "ForerunCore", "ForerunEndpoints", "ForerunMockServer", "ForerunSpeculators",
                "ForerunStore", "ForerunTelemetry", "ForerunTesting", "ForerunTransport", "ForerunWorkspace",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .testTarget(
            name: "ForerunDashboardTests",
            dependencies: [
                "ForerunDashboard", "ForerunBrowser", "ForerunCore", "ForerunStore", "ForerunTesting",
                "ForerunTransport",
            ]),
        .testTarget(name: "ForerunTests", dependencies: ["Forerun", "ForerunMockServer", "ForerunTesting"]),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "forerun", "forerun-branch", "ForerunCore", "ForerunMockServer", "ForerunStore", "ForerunTesting",
                "ForerunTransport",
            ]),
    ]
)

// One place for the settings of every target.
for target in package.targets where !["CCurl", "CBranch", "CZlib", "forerun-branch"].contains(target.name) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),  // SE-0335
        .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
        .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
        .treatAllWarnings(as: .error),
    ]
}

// What `make bench` measures Forerun's transport against. Nothing else needs it, and it is long to build.
if Context.environment["FORERUN_PEERS"] == "1", let bench = package.targets.first(where: { $0.name == "forerun-bench" })
{
    package.dependencies.append(.package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"))
    bench.dependencies += [
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
    ]
    bench.swiftSettings?.append(.define("PEERS"))
}
