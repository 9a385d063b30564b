/// Where a value stands in a TOML document: `pipelines.scan.steps[0].timeout`.
struct ConfigurationPath: Hashable, Sendable, CustomStringConvertible {
    private(set) var description = ""

    func key(_ name: String) -> ConfigurationPath {
        let isBare = !name.isEmpty && name.utf8.allSatisfy(Self.isBare)
        let text = isBare ? name : "\"\(name)\""
        return ConfigurationPath(description: description.isEmpty ? text : "\(description).\(text)")
    }

    func index(_ number: Int) -> ConfigurationPath {
        ConfigurationPath(description: "\(description)[\(number)]")
    }

    /// Whether TOML takes the byte in a key without quotes.
    static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The environment variable that overrides the key: `front.daemonWait` is `JOBD_FRONT_DAEMON_WAIT`.
    var environmentName: String {
        var name = "JOBD_"
        for character in description {
            if character.isUppercase || character == "." { name += "_" }
            if character != "." { name += character.uppercased() }
        }
        return name
    }
}
