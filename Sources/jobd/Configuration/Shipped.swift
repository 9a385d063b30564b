import JobProcessing

/// The files of `config/` as they were when the executable was built, which therefore needs none of them beside it.
enum Shipped {
    static let configuration = text(PackageResources.jobd_toml)
    /// nginx's files by their names, but for `jobd_operators`.
    static let nginx = [
        "jobd.conf": text(PackageResources.jobd_conf),
        "jobd_site": text(PackageResources.jobd_site),
        "jobd_locations": text(PackageResources.jobd_locations),
        "jobd_operator_locations": text(PackageResources.jobd_operator_locations),
        "jobd_front": text(PackageResources.jobd_front),
        "jobd_identity": text(PackageResources.jobd_identity),
        "jobd_limits": text(PackageResources.jobd_limits),
        "jobd_pages": text(PackageResources.jobd_pages),
        "jobd_fastcgi_params": text(PackageResources.jobd_fastcgi_params),
    ]

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Configuration {
    /// What holds where a file says nothing: the shipped file over the defaults above.
    static let shipped: Configuration = {
        do {
            return try read(Shipped.configuration, file: "jobd.toml", defaults: Configuration())
        } catch {
            preconditionFailure("The shipped configuration is wrong:\n\(error)")
        }
    }()

    /// Whether every program that it runs is run by a step as shipped.
    var hasOnlyShippedSteps: Bool {
        let shipped = Set(Self.shipped.live.pipelines.values.flatMap(\.steps))
        return live.pipelines.values.flatMap(\.steps).allSatisfy { settings in
            if case .builtIn(_) = settings.step.action { true } else { shipped.contains(settings) }
        }
    }
}
