import Glibc

/// The processes below this one.
package enum Descendants {
    /// All of them, read from `/proc`; those that come meanwhile, or lose their parent meanwhile, are found by the next call.
    package static func ofThisProcess() -> [ProcessTable.Entry] {
        var children: [pid_t: [ProcessTable.Entry]] = [:]
        for entry in ProcessTable.entries { children[entry.parent, default: []].append(entry) }
        var found: [ProcessTable.Entry] = []
        var open = [getpid()]
        while let process = open.popLast() {
            let below = children[process] ?? []
            found += below
            open += below.map(\.process)
        }
        return found
    }
}
