//! A cart as a text message, for who has a signal and no line.

/// Two concatenated messages, with room to spare for a name and a place.
pub const MOST: usize = 300;

/// `text` in letters that a message of 160 characters has (GSM 03.38, the basic set): one other letter would halve its room.
fn plain(text: &str) -> String {
    let latin = deunicode::deunicode(text);
    let plain = latin.chars().map(|letter| match letter {
        '[' | ']' | '{' | '}' | '^' | '~' | '|' | '\\' | '`' => ' ',
        letter if letter.is_ascii_graphic() => letter,
        _ => ' ',
    });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines in `words` (which puts them between a greeting and a total), as many as there is room for; where some are left
/// out, it says how many.
pub fn message(lines: &[String], words: impl Fn(&str) -> String) -> String {
    let with = |count: usize| {
        let mut said = lines[..count].join("; ");
        if count < lines.len() {
            said.push_str(&format!("; + {}", lines.len() - count));
        }
        plain(&words(&said))
    };
    let fits = |text: &String| text.len() <= MOST;
    let whole = (0..=lines.len()).rev().map(with).find(fits);
    // a name longer than a message: what fits of it
    whole.unwrap_or_else(|| with(0).chars().take(MOST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &[String]) -> String {
        message(lines, |lines| format!("Commande : {lines}. Total 640\u{202f}000 GNF"))
    }

    #[test]
    fn accents_and_narrow_spaces_cost_no_room() {
        let text = said(&["2 × Pagne lépi [6 yards]".to_owned()]);
        assert_eq!(text, "Commande : 2 x Pagne lepi 6 yards . Total 640 000 GNF");
    }

    #[test]
    fn what_has_no_room_is_counted_and_nothing_is_longer_than_two_messages() {
        let many: Vec<String> = (0..40).map(|number| format!("1 x Article numéro {number}")).collect();
        let text = said(&many);
        assert!(text.len() <= MOST && text.contains("; + ") && text.ends_with("640 000 GNF"), "{text}");
        let endless = said(&["x".repeat(1000)]);
        assert!(endless.len() <= MOST && endless.contains("+ 1"), "{endless}");
        assert_eq!(message(&[], |_| "y".repeat(1000)).len(), MOST);
    }
}
