import JSON
import JobDaemon
import JobModel

extension Schedule.Plan {
    /// Reads a schedule; what is wrong with it is reported to the section.
    init(reading section: inout ConfigurationSection, queues: Set<String>) {
        self.init(cron: "", jobType: "")
        section.text("cron", into: &cron) { text in
            do throws(CronLine.Mistake) {
                _ = try CronLine(text)
                return nil
            } catch {
                return "the line \(error.reason)"
            }
        }
        section.text("timeZone", into: &timeZone) { name in
            TimeZoneFiles.read(name) == nil
                ? "the system knows no such time zone; write a name such as Europe/Berlin" : nil
        }
        section.text("jobType", into: &jobType) { type in
            type.utf8.count > Limits.jobTypeBytes ? "a type has at most \(Limits.jobTypeBytes) bytes" : nil
        }
        var name = ""
        section.text("queue", into: &name) { name in
            queues.contains(name) ? nil : "there is no such queue; add [queues.\(name)] with a width, or take another"
        }
        queue = name.isEmpty ? nil : name
        section.json("metadata", limit: Limits.metadataBytes, into: &metadata)
        section.choice("missed", into: &missed)
        section.boolean("overlap", into: &overlap)
        if !section.contains("cron") { section.report("a schedule needs a line: cron = \"0 2 * * *\".") }
        if !section.contains("jobType") { section.report("a schedule needs the type of its jobs: jobType = \"…\".") }
    }
}

extension ConfigurationSection {
    /// A table that becomes a JSON object.
    fileprivate mutating func json(_ key: String, limit: Int, into value: inout JSONText) {
        readInFile(key, expecting: "a table of strings, numbers, true, false, lists and tables") { node in
            guard case .table = node, let json = node.json else { return .wrongType }
            let text = JSONText(json)
            return text.byteCount <= limit ? .right(text) : .wrong("it is larger than \(limit) bytes")
        }.map { value = $0 }
    }
}

extension TOMLNode {
    /// Nil where it has a date or a number that JSON does not have.
    fileprivate var json: JSONValue? {
        switch self {
        case .table(let table):
            var object = JSONObject()
            for (key, node) in table.sorted(by: { $0.key < $1.key }) {
                guard let value = node.json else { return nil }
                object[key] = value
            }
            return .object(object)
        case .array(let nodes):
            let values = nodes.compactMap(\.json)
            return values.count == nodes.count ? .array(values) : nil
        case .string(let text): return .string(text)
        case .integer(let number): return JSONValue(number)
        case .number(let number): return number.isFinite ? JSONValue(number) : nil
        case .boolean(let isTrue): return .bool(isTrue)
        case .moment: return nil
        }
    }
}
