import JobModel
import JobSystem
import JobWire

/// Whether the clock is right, as far as one machine can know.
enum ClockCheck {
    /// What two readings of one clock may differ by, with a slow machine between them.
    private static let tolerance: Int64 = 5000

    /// Looks at two readings.
    ///
    /// - Parameters:
    ///   - daemon: The daemon's clock, just read.
    ///   - newest: When the newest job was created.
    /// - Returns: One finding for each clock that cannot be right, or one that says that they are.
    static func findings(daemon: String?, newest: String?) -> [Finding] {
        let now = Timestamp.now.milliseconds
        if let daemon = daemon.flatMap({ Timestamp($0) }), abs(daemon.milliseconds - now) > tolerance {
            return [
                .problem(
                    "clock", "The daemon's clock differs from this one by \(abs(daemon.milliseconds - now) / 1000) s.",
                    "If both run on one machine, check its clock.")
            ]
        }
        if let newest = newest.flatMap({ Timestamp($0) }), newest.milliseconds - now > tolerance {
            return [
                .problem(
                    "clock", "The newest job was created at \(newest), which is in the future: the clock was set back.",
                    "Set the clock, and enable its synchronisation (systemctl enable --now systemd-timesyncd).")
            ]
        }
        guard Machine.clockIsSynchronized else {
            return [
                .note(
                    "clock", "Nothing on this machine synchronises it.",
                    "systemctl enable --now systemd-timesyncd, or chrony. In a container, do that on the host.")
            ]
        }
        return [.ok("clock", "It is synchronised.")]
    }
}
