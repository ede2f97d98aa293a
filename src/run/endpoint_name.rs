//! What an endpoint is called, from a tag's value.

/// The tag by which endpoints are told apart, unless a [`Vocabulary`](super::Vocabulary) names another.
pub const ENDPOINT_TAG: &str = "name";

/// An endpoint's name from a tag's value.
///
/// Of a URL, scheme, host, port, query and fragment are dropped and path segments that are numbers,
/// UUIDs or long hexadecimal become `:id`, so that staging pairs with production and yesterday's
/// port with today's. Anything else stays as it is.
///
/// ```
/// use perf_report::run::endpoint_name;
/// assert_eq!(endpoint_name("http://127.0.0.1:4020/v1/tasks?limit=5"), "/v1/tasks");
/// assert_eq!(endpoint_name("https://api.test/users/42/posts#top"), "/users/:id/posts");
/// assert_eq!(endpoint_name("GET /items/:id"), "GET /items/:id");
/// ```
#[must_use]
pub fn endpoint_name(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else {
        return value.to_owned();
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme {
        return value.to_owned();
    }
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let path = rest.find('/').map_or("/", |slash| &rest[slash..]);
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| {
            if is_identifier(segment) {
                ":id"
            } else {
                segment
            }
        })
        .collect();
    segments.join("/")
}

/// Whether a path segment is a number, a UUID or long hexadecimal.
fn is_identifier(segment: &str) -> bool {
    let bytes = segment.as_bytes();
    let hexadecimal = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_hexdigit);
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let number = digits > 0 && digits == bytes.len();
    let uuid = segment.len() == 36 && {
        let lengths: Vec<usize> = segment.split('-').map(str::len).collect();
        lengths == [8, 4, 4, 4, 12] && segment.split('-').all(|part| hexadecimal(part.as_bytes()))
    };
    // A word can be short hexadecimal ("deed", "facade"); an identifier is long or holds digits.
    let long_hex = hexadecimal(bytes) && (bytes.len() >= 16 || (bytes.len() >= 8 && digits > 0));
    number || uuid || long_hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_replaced_and_words_are_not() {
        for (segment, expected) in [
            ("42", true),
            ("f47ac10b-58cc-4372-a567-0e02b2c3d479", true),
            ("507f1f77bcf86cd799439011", true),
            ("9fceb02d0ae598e9", true),
            ("facade", false),
            ("v1", false),
            ("", false),
            ("release-controls", false),
            (":id", false),
        ] {
            assert_eq!(is_identifier(segment), expected, "{segment}");
        }
    }

    #[test]
    fn hosts_ports_and_queries_do_not_matter() {
        let staging = endpoint_name("https://staging.test:8443/v1/documents/8?x=/1#y");
        assert_eq!(staging, "/v1/documents/:id");
        assert_eq!(staging, endpoint_name("http://10.0.0.1/v1/documents/9"));
        assert_eq!(endpoint_name("http://host"), "/");
        assert_eq!(endpoint_name("http://host?q=1"), "/");
        assert_eq!(endpoint_name("see http://x/1"), "see http://x/1");
    }
}
