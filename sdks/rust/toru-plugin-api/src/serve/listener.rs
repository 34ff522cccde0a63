use std::fs::{self, Permissions};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use tokio::net::{UnixListener, UnixStream};

/// Binds and listens. What an earlier run left at the path is removed; what is in use, or no socket, is not.
pub(super) async fn bind(path: &Path) -> Result<UnixListener> {
    make_room(path).await.map_err(|error| explain(path, &error))?;
    let listener = UnixListener::bind(path).map_err(|error| explain(path, &error))?;
    fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(|error| explain(path, &error))?;
    Ok(listener)
}

async fn make_room(path: &Path) -> Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    if !found.file_type().is_socket() {
        return Err(Error::new(ErrorKind::AlreadyExists, "there is something that is no socket; it was left alone"));
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(Error::new(ErrorKind::AddrInUse, "another process listens there; end it first")),
    }
}

fn explain(path: &Path, error: &Error) -> Error {
    Error::new(error.kind(), format!("the socket {} cannot be bound: {error}", path.display()))
}
