# embed.sh FOLDER ARTICLES OUTPUT: a Swift file with the texts of all files of a folder, of jobd.js, which is made of them, and
# of the articles as plain pages.
set -eu
bundle=$(cd "$(dirname "$0")" && pwd)/bundle.sh
articles=$2
cd "$1"
# An article as it is written, with links to the others.
page() {
    echo '<!doctype html>'
    echo '<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    echo "<title>jobd: $(sed -n '1s/^# *//; 1s/`//g; 1p' "$1")</title>"
    echo '<pre>'
    sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' \
        -e 's|&lt;doc:\([A-Za-z]*\)&gt;|<a href="\1.html">\1</a>|g' "$1"
    echo '</pre>'
}
{
    echo '/// The files of Sources/Web by their paths there, as they were when the executable was built.'
    echo 'enum WebFiles {'
    echo '    static let all: [(path: String, text: String)] = ['
    find . -type f | LC_ALL=C sort | while read -r file; do
        printf '(path: "%s", text: ###"""\n' "${file#./}"
        cat "$file"
        # The last newline is the language's, not the text's.
        printf '\n"""###),\n'
    done
    echo '(path: "jobd.js", text: ###"""'
    sh "$bundle" .
    printf '\n"""###),\n'
    echo '    ]'
    echo '    /// The articles as plain pages, for where nobody has made the site of them.'
    echo '    static let articles: [(path: String, text: String)] = ['
    for file in "$articles"/*.md; do
        name=${file##*/}
        name=${name%.md}
        [ "$name" != jobd ] || name=index
        printf '(path: "%s.html", text: ###"""\n' "$name"
        page "$file"
        printf '"""###),\n'
    done
    echo '    ]'
    echo '}'
} >"$3"
