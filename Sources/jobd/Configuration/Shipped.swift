/// The files of `config/` as they were when the executable was built, which therefore needs none of them beside it.
enum Shipped {
    static let configuration = text(PackageResources.jobd_toml)
    static let nginx = text(PackageResources.jobd_conf)
    static let site = text(PackageResources.jobd_site)
    static let locations = text(PackageResources.jobd_locations)
    static let pages = text(PackageResources.jobd_pages)
    static let operators = text(PackageResources.jobd_operators)
    static let fastCGIParameters = text(PackageResources.jobd_fastcgi_params)

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
}
