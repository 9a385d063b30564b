import JSON
import JobModel
import JobTesting
import JobWire
import Testing

/// What a client sees of a job, in each of the places that say so.
///
/// A new field of a job touches five places: `Job`; `JobColumn` with a migration, or `Details`; `Job+Encoding`; the API's
/// description with the browser's types; and the change of it alone in the stores' conformance suite. These tests, and one
/// in that suite, fail for the place that was left out.
struct JobFieldTests {
    /// Fields that clients do not see, or not under their own name.
    private static let hidden: Set<String> = [
        "number", "revision", "asked.account", "asked.terms", "input.isWhole", "input.traceParent", "lease.seconds",
        "lease.heardAt", "lease.token", "progress.lineCount", "times.queuedAt", "times.retriedAt",
    ]
    /// Fields whose names say more beside the name of their part.
    private static let renamed = [
        "progress.percent": "progress", "runs.last": "run", "runs.earlier": "earlierAttempts",
    ]
    /// Members that are made of several fields, or lie deeper.
    private static let made: Set<String> = [
        "leaseExpiresAt", "limitKey", "dedupeKey", "after", "batchId", "schedule",
    ]

    @Test func everyFieldIsEncodedOrHidden() {
        let members = Set(Job.sample().json.object?.members.map(\.key) ?? [])
        let shown = Set(Job.sample().fields.keys).subtracting(Self.hidden).map { field in
            Self.renamed[field] ?? field.split(separator: ".").last.map(String.init) ?? field
        }
        #expect(members == Set(shown).union(Self.made))
    }

    @Test func everyMemberIsInTheDescriptionOfTheAPI() throws {
        let description = try JSONValue.parse(Self.source("JobFront/OpenAPI/openapi.json"))
        for (schema, form) in [("Job", Job.Form.whole), ("JobSummary", .listed)] {
            let members = try JSONValue.parse(Job.sample().encoded(form)).object?.members.map(\.key) ?? []
            let schema = try #require(description["components"]?["schemas"]?[schema])
            #expect(Set(schema["properties"]?.object?.members.map(\.key) ?? []) == Set(members))
            #expect(Set(schema["required"]?.array?.compactMap(\.string) ?? []) == Set(members))
        }
    }

    @Test func everyMemberIsInTheBrowsersTypes() throws {
        let types = Self.source("Web/jobd-client.d.ts")
        let job = try #require(types.split(separator: "export interface Job {").last?.split(separator: "\n}").first)
        let lines = job.split(separator: "\n")
        for member in Job.sample().json.object?.members ?? [] {
            let isThere = lines.contains { line in
                line.hasPrefix("  \(member.key):") || line.hasPrefix("  \(member.key)?:")
            }
            #expect(isThere, "\(member.key)")
        }
    }

    private static func source(_ path: String) -> String {
        let folders = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let root = folders.map { "\($0)/" }.joined()
        return FileOnDisk("\(root)Sources/\(path)")?.text ?? ""
    }
}
