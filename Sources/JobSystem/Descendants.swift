import Glibc

/// The processes below this one.
package enum Descendants {
    /// Whether this process has a child that runs, or one that has ended and was not waited for.
    package static var areLeft: Bool {
        var info = siginfo_t()
        return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0
    }

    /// All of them but certain children and what is below those, read from `/proc`.
    ///
    /// Those that come meanwhile, or lose their parent meanwhile, are found by the next call.
    package static func ofThisProcess(without left: Set<Int32> = []) -> [ProcessTable.Entry] {
        var children: [pid_t: [ProcessTable.Entry]] = [:]
        for entry in ProcessTable.entries { children[entry.parent, default: []].append(entry) }
        var found: [ProcessTable.Entry] = []
        var open = [getpid()]
        while let process = open.popLast() {
            let below = (children[process] ?? []).filter { !left.contains($0.process) }
            found += below
            open += below.map(\.process)
        }
        return found
    }
}
