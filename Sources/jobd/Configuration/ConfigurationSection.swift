/// One table of a configuration, read key by key; keeps what was wrong, so that all of it is told at once.
struct ConfigurationSection {
    /// What a section is read with: the same for all of one document.
    struct Source {
        /// The file's name, for errors.
        var file: String
        var lines: [ConfigurationPath: Int]
        var environment: [String: String]
        /// By key path (`control.socket`).
        var flags: [String: String]
    }

    private let source: Source
    private let path: ConfigurationPath
    private let table: [String: TOMLNode]
    private var known: Set<String> = []
    private(set) var errors: [ConfigurationError] = []

    init(_ table: [String: TOMLNode], at path: ConfigurationPath = ConfigurationPath(), source: Source) {
        self.table = table
        self.path = path
        self.source = source
    }

    /// Whether the file itself gives the key.
    func contains(_ key: String) -> Bool { table[key] != nil }

    /// Whether the file gives a key of a table of this one.
    func contains(_ key: String, _ inner: String) -> Bool {
        if case .table(let table)? = table[key] { table[inner] != nil } else { false }
    }

    // MARK: Sections in the section

    /// The table under a key, empty if there is none.
    mutating func section(_ key: String, _ body: (inout ConfigurationSection) -> Void) {
        let inner: [String: TOMLNode]? = readInFile(key, expecting: "a table") { node in
            if case .table(let inner) = node { .right(inner) } else { .wrongType }
        }
        read(inner ?? [:], at: path.key(key), body)
    }

    /// Each table of a table, by its name, in the order of the names.
    mutating func sections(_ body: (String, inout ConfigurationSection) -> Void) {
        for name in table.keys.sorted() { section(name) { body(name, &$0) } }
    }

    /// Each table of a list; false when there is no such list.
    mutating func list(_ key: String, _ body: (inout ConfigurationSection) -> Void) -> Bool {
        let inner: [[String: TOMLNode]]? = readInFile(key, expecting: "a list of tables") { node in
            guard case .array(let nodes) = node else { return .wrongType }
            let tables = nodes.compactMap { if case .table(let table) = $0 { table } else { nil } }
            return tables.count == nodes.count ? .right(tables) : .wrongType
        }
        for (number, table) in (inner ?? []).enumerated() { read(table, at: path.key(key).index(number), body) }
        return inner != nil
    }

    /// Adds what is wrong with a key, or with the section itself.
    mutating func report(_ message: String, at key: String? = nil) {
        let path = key.map(self.path.key) ?? self.path
        errors.append(
            ConfigurationError(
                place: source.file, line: source.lines[path] ?? source.lines[self.path], key: path.description,
                message: message))
    }

    /// Reports the keys that nobody asked for; to be called last.
    mutating func finish() {
        // A section that nobody read has been reported itself.
        guard !known.isEmpty else { return }
        for key in table.keys.sorted() where !known.contains(key) {
            let names = known.sorted().joined(separator: ", ")
            report("unknown key; remove it, or take one of: \(names).", at: key)
        }
    }

    // MARK: How it is done

    enum Reading<Value> {
        case right(Value)
        case wrongType
        /// What is wrong, as half a sentence.
        case wrong(String)
    }

    private mutating func read(
        _ table: [String: TOMLNode], at path: ConfigurationPath, _ body: (inout ConfigurationSection) -> Void
    ) {
        var inner = ConfigurationSection(table, at: path, source: source)
        body(&inner)
        inner.finish()
        errors += inner.errors
    }

    /// Reads what only the file can give: lists and tables.
    mutating func readInFile<Value>(
        _ key: String, expecting kind: String, _ convert: (TOMLNode) -> Reading<Value>
    ) -> Value? {
        read(key, among: inFile(key), expecting: kind, convert)
    }

    /// Reads a single value, which a flag or the environment may override.
    mutating func read<Value>(
        _ key: String, expecting kind: String, _ convert: (TOMLNode) -> Reading<Value>
    ) -> Value? {
        guard let override = override(of: key) else {
            return read(key, among: inFile(key), expecting: kind, convert)
        }
        return read(
            key, among: TOMLNode.readings(of: override.text), place: override.place, expecting: kind, convert)
    }

    /// Takes the first node of the wanted kind; nil when there is no node, or none that is right.
    ///
    /// The place is where the nodes come from; nil: the file.
    private mutating func read<Value>(
        _ key: String, among nodes: [TOMLNode], place: String? = nil, expecting kind: String,
        _ convert: (TOMLNode) -> Reading<Value>
    ) -> Value? {
        known.insert(key)
        var message: String?
        reading: for node in nodes {
            switch convert(node) {
            case .right(let value): return value
            case .wrongType: message = message ?? "it is \(node.written); write \(kind)."
            case .wrong(let problem):
                message = "it is \(node.written), but \(problem)."
                break reading
            }
        }
        guard let message else { return nil }
        if let place {
            errors.append(ConfigurationError(place: place, message: message))
        } else {
            report(message, at: key)
        }
        return nil
    }

    private func inFile(_ key: String) -> [TOMLNode] { table[key].map { [$0] } ?? [] }

    private func override(of key: String) -> (place: String, text: String)? {
        let path = path.key(key)
        if let text = source.flags[path.description] { return ("--\(path)", text) }
        let name = path.environmentName
        return source.environment[name].map { (name, $0) }
    }
}
