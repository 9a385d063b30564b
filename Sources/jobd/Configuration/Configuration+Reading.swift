import JobFrontFastCGI
import JobModel
import JobProcessing

extension Configuration {
    /// Reads a configuration: a flag goes before the environment, that before the file, and that before the defaults.
    ///
    /// - Parameters:
    ///   - text: The file's content; empty if there is none.
    ///   - file: The file's name, for errors.
    ///   - environment: All variables; those that belong to no key (`front.daemonWait` is `JOBD_FRONT_DAEMON_WAIT`) are
    ///     left alone.
    ///   - flags: Values by key path (`control.socket`).
    ///   - defaults: What holds where nothing is said.
    /// - Returns: It, complete.
    /// - Throws: Everything that is wrong, at once.
    static func read(
        _ text: String, file: String, environment: [String: String] = [:], flags: [String: String] = [:],
        defaults: Configuration = .shipped
    ) throws(ConfigurationErrors) -> Configuration {
        let document: [String: TOMLNode]
        do {
            document = try TOMLNode.document(text)
        } catch {
            throw ConfigurationErrors(errors: [
                ConfigurationError(
                    place: file, line: error.line, message: "this is not TOML: \(error.reason); see https://toml.io/.")
            ])
        }
        let source = ConfigurationSection.Source(
            file: file, lines: SourceLines.find(in: text), environment: environment, flags: flags)
        var root = ConfigurationSection(document, source: source)
        var configuration = defaults
        configuration.read(&root)
        root.finish()
        guard root.errors.isEmpty else {
            throw ConfigurationErrors(errors: root.errors.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
        }
        return configuration
    }

    private mutating func read(_ root: inout ConfigurationSection) {
        root.section("storage") { section in
            section.text("directory", into: &storageDirectory, check: Self.wrongPath)
            section.integer("minimumFreeBytes", in: 0...Limits.sizes.upperBound, into: &minimumFreeBytes)
        }
        root.section("control") { $0.text("socket", into: &controlSocket, check: Self.wrongSocket) }
        root.section("front") { front.read(&$0) }
        root.section("access") { access.read(&$0) }
        root.section("limits") { section in
            section.integer("crashes", in: 1...100, into: &live.crashLimit)
            section.span("grace", in: .zero...(.hours(1)), into: &live.grace)
            section.span(
                "applicationSilence", in: .seconds(60)...(.days(36_500)), into: &live.applicationSilence)
            section.span("reconnect", in: .seconds(1)...(.hours(1)), into: &live.reconnect)
            live.stepLimits.read(&section)
        }
        root.section("sandbox") { section in
            section.choice("steps", into: &sandbox.steps)
            section.text("units", into: &sandbox.units, check: Self.wrongUnits)
        }
        root.section("retention") { live.retention.read(&$0) }
        root.section("quota") { section in
            section.section("owner") { section in
                live.quotas.owner.read(&section)
                section.integer("runningJobs", in: 0...1_000_000, into: &live.quotas.owner.runningJobs)
            }
            section.section("total") { live.quotas.total.read(&$0) }
        }
        root.section("log") { $0.choice("level", into: &live.logLevel) }
        root.section("queues") { section in
            section.sections { name, section in
                if !Self.isName(name) {
                    section.report("a queue's name has up to 64 of the characters A-Z a-z 0-9 . _ -; choose another.")
                }
                live.queues[name, default: Queue()].read(&section)
            }
        }
        let queueNames = Set(live.queues.keys)
        root.section("pipelines") { section in
            section.sections { type, section in
                live.pipelines[type, default: PipelineSettings()].read(&section, queues: queueNames)
            }
        }
        root.section("schedules") { section in
            section.sections { name, section in
                guard let name = ScheduleName(name) else {
                    return section.report(
                        "a schedule's name has up to 64 of the characters A-Z a-z 0-9 . _ -, and begins with a letter or digit; choose another."
                    )
                }
                live.schedules[name] = Schedule.Plan(reading: &section, queues: queueNames)
            }
        }
        root.section("webhooks") { section in
            section.sections { name, section in
                guard let name = WebhookName(name) else {
                    return section.report(
                        "a webhook's name has up to 64 of the characters A-Z a-z 0-9 . _ -, and begins with a letter or digit; choose another."
                    )
                }
                live.webhooks[name] = Webhook(reading: &section)
            }
        }
    }

    static func wrongPath(_ path: String) -> String? {
        path.hasPrefix("/") && !path.contains("\0") ? nil : "a path must begin with /"
    }

    static func wrongSocket(_ path: String) -> String? {
        wrongPath(path) ?? (path.utf8.count > 107 ? "a socket's path has at most 107 bytes" : nil)
    }

    static func wrongUnits(_ directory: String) -> String? {
        wrongSocket("\(directory)/\(Sandbox.openSocket)")
    }

    static func wrongFrontSocket(_ text: String) -> String? {
        if !text.hasPrefix("/"), text.contains(":") {
            return FrontAddress(text) == nil ? "an address is written as 127.0.0.1:9000 or [::1]:9000" : nil
        }
        return wrongSocket(text)
    }

    /// Why a text is not an origin, which no browser would send; nil when it is one.
    static func wrongOrigin(_ text: String) -> String? {
        let isOrigin = text.wholeMatch(of: /[A-Za-z][A-Za-z0-9+.\-]*:\/\/[^\/?#@*\s]+|null/) != nil
        return isOrigin ? nil : "\(text) is not an origin as browsers write it, such as https://app.example.com"
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { ConfigurationPath.isBare($0) || $0 == UInt8(ascii: ".") }
    }
}

extension Configuration.Front {
    fileprivate mutating func read(_ section: inout ConfigurationSection) {
        section.text("socket", into: &socket, check: Configuration.wrongFrontSocket)
        section.boolean("trustsPeer", into: &trustsPeer)
        section.integer("processes", in: 1...64, into: &processes)
        section.integer("uploads", in: 1...4096, into: &uploads)
        section.integer("maxUploadBytes", in: 1...Limits.sizes.upperBound, into: &maxUploadBytes)
        section.texts("allowedOrigins", into: &allowedOrigins, check: Configuration.wrongOrigin)
        section.boolean("allowCredentials", into: &allowCredentials)
        section.span("uploadIdle", in: .seconds(1)...(.hours(1)), into: &uploadIdle)
        section.span("daemonWait", in: .zero...(.seconds(60)), into: &daemonWait)
        section.span("creationGrace", in: .zero...(.seconds(55)), into: &creationGrace)
        section.span("stopGrace", in: .zero...(.seconds(300)), into: &stopGrace)
    }
}

extension Configuration.Access {
    fileprivate mutating func read(_ section: inout ConfigurationSection) {
        section.choice("anonymous", into: &anonymous)
        section.text("keysFile", into: &keysFile, check: Configuration.wrongPath)
        section.span("tokenLifetime", in: .seconds(1)...(.days(3650)), into: &tokenLifetime)
        section.choice("audit", into: &audit)
    }
}

extension Configuration.Retention {
    private static let spans = Duration.seconds(1)...(.days(36_500))

    fileprivate mutating func read(_ section: inout ConfigurationSection) {
        section.span("ended", in: Self.spans, into: &ended)
        section.span("pending", in: Self.spans, into: &pending)
        section.span("unusedFiles", in: Self.spans, into: &unusedFiles)
        section.span("unfinishedUploads", in: Self.spans, into: &unfinishedUploads)
        section.optionalSpan("completed", in: Self.spans, into: &completed)
        section.optionalSpan("failed", in: Self.spans, into: &failed)
        section.optionalSpan("cancelled", in: Self.spans, into: &cancelled)
        section.optionalInteger("maximumJobs", in: 1...1_000_000_000, into: &maximumJobs)
        section.optionalInteger("maximumBytes", in: 1...Limits.sizes.upperBound, into: &maximumBytes)
        section.span("tombstones", in: Self.spans, into: &tombstones)
    }
}

extension Quotas.Quota {
    fileprivate mutating func read(_ section: inout ConfigurationSection) {
        section.integer("openJobs", in: 0...1_000_000_000, into: &openJobs)
        section.integer("storedBytes", in: 0...Limits.sizes.upperBound, into: &storedBytes)
        section.integer("uploads", in: 0...1_000_000, into: &uploads)
        section.integer("unfinishedUploads", in: 0...1_000_000_000, into: &unfinishedUploads)
    }
}

extension Configuration.Queue {
    fileprivate mutating func read(_ section: inout ConfigurationSection) {
        var given = width ?? 0
        section.integer("width", in: 1...1024, into: &given)
        width = given == 0 ? nil : given
        section.choice("fair", into: &fair)
        section.optionalInteger("perKey", in: 1...1024, into: &perKey)
    }
}
