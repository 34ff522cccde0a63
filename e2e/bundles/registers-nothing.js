window.somethingElse = true;
