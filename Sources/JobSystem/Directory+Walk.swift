package import Glibc

extension Directory {
    private struct Level {
        let device: dev_t
        let inode: ino_t
        /// Directories in it that are still to be looked into.
        var open: [Name]

        init?(_ directory: Directory, _ body: (stat) -> Bool, isOver: inout Bool) {
            var own = stat()
            guard fstat(directory.descriptor, &own) == 0 else { return nil }
            (device, inode) = (own.st_dev, own.st_ino)
            open = []
            for name in directory.names {
                guard let status = directory.status(of: name) else { continue }
                guard body(status) else {
                    isOver = true
                    return
                }
                if status.st_mode & S_IFMT == S_IFDIR { open.append(name) }
            }
        }
    }

    /// Looks at everything below, in no order, until `body` answers false; follows no link.
    ///
    /// Two descriptors are enough for a tree of any depth. One that is moved meanwhile ends the walk early.
    package func walk(_ body: (stat) -> Bool) {
        var isOver = false
        var current = self
        var levels = [Level(self, body, isOver: &isOver)].compactMap(\.self)
        while !isOver, let level = levels.indices.last {
            if let name = levels[level].open.popLast() {
                guard let inner = try? current.directory(name), let below = Level(inner, body, isOver: &isOver) else {
                    continue
                }
                levels.append(below)
                current = inner
            } else {
                levels.removeLast()
                guard let above = levels.last, let parent = try? current.parent() else { return }
                var status = stat()
                guard fstat(parent.descriptor, &status) == 0, status.st_dev == above.device,
                    status.st_ino == above.inode
                else { return }
                current = parent
            }
        }
    }
}
