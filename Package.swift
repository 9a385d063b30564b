// swift-tools-version: 6.2
import PackageDescription

// The layers, from the bottom: an arrow only goes down, and two targets of one layer do not know each other.
// `Tests/EndToEnd/test_architecture.py` keeps it so.

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

/// For tests; whoever builds with a later compiler is not to be stopped by what it warns of.
var warningsAreErrors: Bool { Context.environment["JOBD_WARNINGS"] == "error" }

let package = Package(
    name: "jobd",
    products: [.executable(name: "jobd", targets: ["jobd"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    ],
    targets: [
        // Layer 0: JSON; what is asked of Linux; the C libraries.
        .target(name: "JSON", swiftSettings: settings),
        .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
        .systemLibrary(name: "CMagic", pkgConfig: "libmagic", providers: [.apt(["libmagic-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CJobSystem"),
        .target(name: "CSQLite"),
        .target(name: "JobSystem", dependencies: ["CJobSystem"], swiftSettings: settings),

        // Layer 1: what a job is.
        .target(name: "JobModel", dependencies: ["JSON"], swiftSettings: settings),

        // Layer 2: the control protocol, the seam to the stores, files on disk.
        .target(
            name: "JobWire",
            dependencies: ["JSON", "JobModel", .nio("NIOCore"), .nio("NIOPosix")],
            swiftSettings: settings),
        .target(name: "JobStorage", dependencies: ["JSON", "JobModel"], swiftSettings: settings),
        .target(
            name: "JobFiles",
            dependencies: [
                "JobModel", "JobSystem", "CMagic", "COpenSSL", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),

        // Who may do what, and the tokens that say so.
        .target(
            name: "JobAccess",
            dependencies: ["JSON", "JobModel", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),

        // Layer 3: a store, the processing, the owner of the map, the doors.
        .target(
            name: "JobStorageSQLite",
            dependencies: [
                "CSQLite", "JSON", "JobModel", "JobStorage", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
        .target(
            name: "JobProcessing",
            dependencies: [
                "JSON", "JobModel", "JobSystem", "JobFiles", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .target(
            name: "JobDaemon",
            dependencies: [
                "JSON", "JobModel", "JobSystem", "JobAccess", "JobWire", "JobStorage",
                .nio("NIOCore"), .nio("NIOPosix"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: settings),
        .target(
            name: "JobFront",
            dependencies: [
                "JSON", "JobModel", "JobSystem", "JobAccess", "JobWire", "JobFiles",
                .nio("NIOCore"), .nio("NIOPosix"),
                .product(name: "Logging", package: "swift-log"),
            ],
            // The API's description, from which the routes are made.
            resources: [.embedInCode("OpenAPI/openapi.json")],
            swiftSettings: settings),
        // The transport of the front: it stands on it, and nothing else does.
        .target(
            name: "JobFrontFastCGI",
            dependencies: [
                "JobSystem", "JobWire", "JobFront", "CFastCGI",
                .nio("NIOCore"), .nio("NIOPosix"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        // The other one: WebSockets.
        .target(
            name: "JobFrontWebSocket",
            dependencies: [
                "JobSystem", "JobWire", "JobFront", .nio("NIOCore"), .nio("NIOHTTP1"), .nio("NIOPosix"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(
            name: "JobControl",
            dependencies: [
                "JSON", "JobModel", "JobSystem", "JobWire", .nio("NIOCore"), .nio("NIOPosix"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),

        // What goes to webhooks: the only part that talks to the world, in a process of its own.
        .target(
            name: "JobDelivery",
            dependencies: [
                "JSON", "JobModel", "JobSystem", "JobWire", .nio("NIOCore"), .nio("NIOHTTP1"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings),

        // Layer 4: the one executable; configuration and wiring.
        .executableTarget(
            name: "jobd",
            dependencies: [
                "JSON", "JobModel", "JobSystem", "JobAccess", "JobWire", "JobStorage", "JobFiles", "JobStorageSQLite",
                "JobProcessing",
                "JobDaemon", "JobFront", "JobFrontFastCGI", "JobFrontWebSocket", "JobControl", "JobDelivery",
                .nio("NIOCore"),
                .nio("NIOPosix"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            // The files of `config`, so that the executable needs none beside it.
            resources: [.embedInCode("Shipped")],
            swiftSettings: settings,
            plugins: ["WebFiles"]),
        // The browser's part, Sources/Web, in the executable too. A build that was planned before a file there went asks for that
        // file: swift build --disable-build-manifest-caching plans anew, and so does a change here.
        .plugin(
            name: "WebFiles", capability: .buildTool(), path: "Sources/WebFiles", exclude: ["bundle.sh", "embed.sh"]),

        // What tests share, and a test target for each of the above.
        .target(
            name: "JobTesting", dependencies: ["JSON", "JobModel", "JobStorage", "JobFiles"], path: "Tests/JobTesting",
            swiftSettings: settings),
        .target(
            name: "JobDaemonTesting",
            dependencies: [
                "JSON", "JobModel", "JobAccess", "JobWire", "JobStorage", "JobDaemon", "JobTesting", .nio("NIOCore"),
                .nio("NIOPosix"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/JobDaemonTesting", swiftSettings: settings),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: settings),
        .testTarget(name: "JobModelTests", dependencies: ["JSON", "JobModel", "JobTesting"], swiftSettings: settings),
        .testTarget(
            name: "JobWireTests",
            dependencies: ["JSON", "JobModel", "JobWire", "JobTesting", .nio("NIOCore"), .nio("NIOEmbedded")],
            swiftSettings: settings),
        .testTarget(
            name: "JobAccessTests",
            dependencies: [
                "JSON", "JobModel", "JobAccess", "JobTesting", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .testTarget(name: "JobSystemTests", dependencies: ["JobSystem", "JobTesting"], swiftSettings: settings),
        .testTarget(
            name: "JobFilesTests",
            dependencies: [
                "jobd", "JobModel", "JobSystem", "JobFiles", "JobTesting",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        // The steps' supervisor is the built `jobd`.
        .testTarget(
            name: "JobProcessingTests",
            dependencies: [
                "jobd", "JSON", "JobModel", "JobSystem", "JobFiles", "JobProcessing", "JobTesting",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        // A daemon that does what a test of a front tells it.
        .target(
            name: "JobFrontTesting",
            dependencies: [
                "JSON", "JobModel", "JobWire", "JobFront", "JobDaemonTesting", "JobTesting", .nio("NIOCore"),
                .nio("NIOPosix"), .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/JobFrontTesting", swiftSettings: settings),
        .testTarget(
            name: "JobFrontTests",
            dependencies: [
                "jobd", "JSON", "JobModel", "JobWire", "JobFiles", "JobFront", "JobFrontTesting", "JobTesting",
                .nio("NIOCore"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JobFrontFastCGITests",
            dependencies: [
                "jobd", "JSON", "JobModel", "JobWire", "JobFront", "JobFrontFastCGI", "JobFrontTesting",
                "JobTesting", .nio("NIOCore"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JobFrontWebSocketTests",
            dependencies: [
                "jobd", "JSON", "JobModel", "JobWire", "JobFront", "JobFrontWebSocket", "JobFrontTesting",
                "JobTesting", .nio("NIOCore"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JobDeliveryTests",
            dependencies: [
                "JSON", "JobModel", "JobWire", "JobDelivery", "JobDaemonTesting", "JobTesting",
                .nio("NIOCore"), .nio("NIOHTTP1"), .nio("NIOPosix"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JobControlTests",
            dependencies: ["JSON", "JobModel", "JobWire", "JobControl"], swiftSettings: settings),
        .testTarget(
            name: "JobdTests",
            dependencies: [
                "jobd", "JSON", "JobModel", "JobSystem", "JobWire", "JobFiles", "JobProcessing", "JobStorage",
                "JobStorageSQLite", "JobFront", "JobDaemonTesting", "JobTesting", .nio("NIOPosix"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JobDaemonTests",
            dependencies: [
                "JSON", "JobModel", "JobAccess", "JobWire", "JobStorage", "JobStorageSQLite", "JobDaemon",
                "JobDaemonTesting", "JobTesting", .nio("NIOCore"), .nio("NIOPosix"), .nio("NIOEmbedded"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JobStorageTests",
            dependencies: [
                "JSON", "JobModel", "JobStorage", "JobStorageSQLite", "JobTesting",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings),
    ]
)

extension Target.Dependency {
    static func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
}
