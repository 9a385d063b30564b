import Foundation
import JobModel
import Testing

/// The system's time zones.
enum TimeZoneFile {
    private static let folder = "/usr/share/zoneinfo"

    static let areThere = FileManager.default.fileExists(atPath: "\(folder)/Europe/Berlin")

    static func rules(_ name: String) throws -> TimeZoneRules {
        let data = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
        return try #require(TimeZoneRules([UInt8](data)))
    }
}
