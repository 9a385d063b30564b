import JobModel

extension Webhook {
    /// Reads a webhook; what is wrong with it is reported to the section.
    init?(reading section: inout ConfigurationSection) {
        var (url, secretFile, isPrivate) = ("", "", false)
        var (events, jobTypes): ([String]?, [String]?)
        section.text("url", into: &url) { text in
            WebhookAddress(text) == nil
                ? "an address is written as https://host/path, of printable ASCII, without a user's name and without #"
                : nil
        }
        section.text("secretFile", into: &secretFile, check: Configuration.wrongPath)
        section.texts("events", into: &events)
        section.texts("jobTypes", into: &jobTypes)
        section.boolean("allowPrivate", into: &isPrivate)
        if !section.contains("url") { section.report("a webhook needs an address: url = \"https://…\".") }
        if !section.contains("secretFile") {
            section.report("a webhook needs a file with its key: secretFile = \"/etc/jobd/…\".")
        }
        var moments = Self.usualMoments
        if let events {
            moments = Set(events.compactMap(Moment.init))
            let all = Moment.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            if moments.count < Set(events).count {
                section.report("its elements are of \(all); write those of which it is to be told.", at: "events")
            }
        }
        guard let address = WebhookAddress(url) else { return nil }
        self.init(
            address: address, secretFile: secretFile, moments: moments, jobTypes: Set(jobTypes ?? []),
            allowPrivate: isPrivate)
    }
}
