import CMagic
import Synchronization

/// What libmagic knows of files, loaded once and used again and again, each time by one thread.
///
/// To load it costs more than to look at most files, and maps and unmaps megabytes, for which other threads wait.
enum MagicTables {
    /// Those that nobody uses, as addresses; more than these are not kept.
    private static let free = Mutex<[UInt]>([])
    private static let maximumFree = 4

    /// Answers nil when they cannot be loaded.
    static func take() -> magic_t? {
        if let address = free.withLock({ $0.popLast() }) { return magic_t(bitPattern: address) }
        guard let tables = magic_open(MAGIC_MIME_TYPE | MAGIC_SYMLINK) else { return nil }
        guard magic_load(tables, nil) == 0 else {
            magic_close(tables)
            return nil
        }
        return tables
    }

    static func giveBack(_ tables: magic_t) {
        let isKept = free.withLock { free in
            guard free.count < maximumFree else { return false }
            free.append(UInt(bitPattern: tables))
            return true
        }
        if !isKept { magic_close(tables) }
    }
}
