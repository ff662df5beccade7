use crate::sessions::{Sessions, Token};

use super::answer::Answer;

/// No body is longer.
pub const LONGEST_BODY: usize = 4096;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// `POST /session`: a new session.
    Create,
    /// `GET /session`: what is in it.
    Show,
    /// `PUT /session/{key}`: a value for it.
    Put {
        /// The key.
        key: String,
        /// The body.
        value: String,
    },
    /// `DELETE /session`: its end.
    End,
    /// `GET /sessions`: how many there are.
    Count,
}

/// Answers a client that has shown this token.
pub async fn answer(sessions: &Sessions, token: Option<Token>, ask: Ask) -> Answer {
    let Some(token) = token else {
        return match ask {
            Ask::Create => created(sessions).await,
            Ask::Count => Answer::Count(sessions.count()),
            _ => Answer::Unknown,
        };
    };
    match ask {
        // One who has a session already gets another: the old one expires.
        Ask::Create => created(sessions).await,
        Ask::Count => Answer::Count(sessions.count()),
        Ask::End => {
            if sessions.end(token).await {
                Answer::Ended
            } else {
                Answer::Unknown
            }
        }
        Ask::Show => match sessions.contents(token).await {
            Ok(contents) => contents.map_or(Answer::Unknown, Answer::Contents),
            Err(error) => Answer::Unavailable(error.to_string()),
        },
        Ask::Put { key, value } => match sessions.put(token, key, value).await {
            Ok(None) => Answer::Unknown,
            Ok(Some(Ok(()))) => Answer::Done,
            Ok(Some(Err(error))) => Answer::Refused(error.to_string()),
            Err(error) => Answer::Unavailable(error.to_string()),
        },
    }
}

async fn created(sessions: &Sessions) -> Answer {
    match sessions.create().await {
        Ok(token) => Answer::Created(token),
        Err(error) => Answer::Unavailable(error.to_string()),
    }
}

/// The token in the values of `Cookie` headers.
pub fn token<'a>(cookies: impl IntoIterator<Item = &'a http::HeaderValue>) -> Option<Token> {
    let cookies = cookies.into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "session").and_then(|(_, token)| token.parse().ok())
}
