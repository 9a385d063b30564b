import CMagic

/// What libmagic knows of files; belongs to one thread.
final class MagicTables {
    /// Nil when they cannot be loaded: then nothing is known.
    private let tables: magic_t?

    init() {
        let tables = magic_open(MAGIC_MIME_TYPE | MAGIC_SYMLINK)
        let isLoaded = tables != nil && magic_load(tables, nil) == 0
        if !isLoaded, let tables { magic_close(tables) }
        self.tables = isLoaded ? tables : nil
    }

    /// What bytes at the beginning of a file say of it; nil when they say nothing.
    func mediaType(of bytes: [UInt8]) -> String? {
        guard let tables, let type = magic_buffer(tables, bytes, bytes.count) else { return nil }
        let text = String(cString: type)
        return text.contains("/") && !text.contains(" ") ? text : nil
    }

    deinit { if let tables { magic_close(tables) } }
}
