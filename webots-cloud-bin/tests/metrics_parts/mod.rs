mod documents;
mod families;
mod figures;
