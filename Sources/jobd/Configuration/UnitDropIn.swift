import Glibc
import JobProcessing

/// The lines that a unit that runs steps needs besides those of the package: a room can show and change only what its unit can.
struct UnitDropIn: Hashable {
    let unit: String
    /// The lines of its section `[Service]`.
    let lines: [String]

    /// Where the package has the sockets of these units.
    static let units = "/run/jobd-steps"
    /// The storage that the units have as shipped.
    private static let storage = "/var/lib/jobd"
    /// Where a unit sees something of its own.
    private static let hidden = ["/run", "/tmp", "/var/tmp"]

    /// What to do, for people.
    var description: [String] {
        [
            "\(unit) needs these lines in /etc/systemd/system/\(unit).d/jobd.conf, then systemctl daemon-reload and systemctl restart \(unit):"
        ]
            + (["[Service]"] + lines).map { "    \($0)" }
    }

    /// Those that a configuration asks for.
    static func all(for configuration: Configuration) -> [UnitDropIn] {
        let directory = configuration.storageDirectory
        let ofStorage =
            directory == storage
            ? [] : ["TemporaryFileSystem=\(directory):ro,mode=755", "BindPaths=\(directory)/runs"]
        let rooms = configuration.live.pipelines.values.flatMap(\.steps).map(\.step.room)
        let written = Set(rooms.flatMap(\.write)).sorted().map {
            "\(isHidden($0) ? "BindPaths" : "ReadWritePaths")=-\($0)"
        }
        let read = Set(rooms.flatMap(\.read)).filter(isHidden).sorted().map { "BindReadOnlyPaths=-\($0)" }
        return [
            UnitDropIn(unit: "jobd-steps.service", lines: ofStorage),
            UnitDropIn(unit: "jobd-steps-open.service", lines: ofStorage + written + read),
        ].filter { !$0.lines.isEmpty }
    }

    private static func isHidden(_ path: String) -> Bool {
        hidden.contains { path == $0 || path.hasPrefix($0 + "/") }
    }
}
