package import JobModel

/// Which stored files may have no record yet, so that a sweep does not remove one that is just getting its record.
///
/// A value of whoever has the disk, on whose queue it lives.
package struct Adoptions {
    /// Between the look at an upload and the word on its record.
    private var underWay: Set<FileID> = []
    /// Files that this daemon moved to the others, and whose record failed.
    package private(set) var doubtful: Set<FileID> = []
    /// Files that a sweep asks the store about at this moment.
    private var asked: Set<FileID> = []

    package init() {}

    /// The file is being looked at, and gets its record next.
    package mutating func begin(_ id: FileID) {
        underWay.insert(id)
        asked.remove(id)
    }

    /// It got its record, or did not.
    package mutating func end(_ id: FileID, isRecorded: Bool) {
        guard underWay.remove(id) != nil else { return }
        if isRecorded { doubtful.remove(id) } else { doubtful.insert(id) }
    }

    /// Those of the files that the store may be asked about.
    package mutating func ask(about ids: some Sequence<FileID>) -> [FileID] {
        let idle = ids.filter { !underWay.contains($0) }
        asked.formUnion(idle)
        return idle
    }

    /// Those that no record was found of, and that were not adopted since they were asked about.
    package mutating func takeUnknown(_ ids: [FileID]) -> [(id: FileID, isDoubtful: Bool)] {
        defer { asked = [] }
        return ids.filter { asked.contains($0) }.map { ($0, doubtful.remove($0) != nil) }
    }
}
