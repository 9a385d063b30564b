package import JobModel

extension Job {
    /// What is stored in it, under the names by which one gets there, such as `runs.attempt`, with each value as a text.
    package var fields: [String: String] {
        var fields: [String: String] = [:]
        for (name, value) in Self.stored(in: self) {
            let value = Self.opened(value)
            guard String(reflecting: type(of: value)).hasPrefix("JobModel.Job.") else {
                fields[name] = "\(value)"
                continue
            }
            for (part, value) in Self.stored(in: value) { fields["\(name).\(part)"] = "\(value)" }
        }
        return fields
    }

    /// A part out of its box.
    private static func opened(_ part: Any) -> Any {
        switch part {
        case let runs as Boxed<Runs>: runs.wrappedValue
        case let lease as Boxed<Lease>: lease.wrappedValue
        case let progress as Boxed<Progress>: progress.wrappedValue
        case let outcome as Boxed<Outcome>: outcome.wrappedValue
        default: part
        }
    }

    /// What lies in a box has the name of its box, which begins with an underscore.
    private static func stored(in value: Any) -> [(name: String, value: Any)] {
        Mirror(reflecting: value).children.compactMap { child in
            child.label.map { (String($0.trimmingPrefix("_")), child.value) }
        }
    }
}
